namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>What becomes of one part of a document.</summary>
internal enum JsonChange
{
    Delete,
    Duplicate,
    Rename,
    Repeat,
    OtherType,
    Number,
    Word,
    RawString,
    Long,
    Nest,
    Splice,
    More,
}
