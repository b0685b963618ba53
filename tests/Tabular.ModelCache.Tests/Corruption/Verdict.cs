namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>What an instance made of a corrupted bucket.</summary>
internal enum Verdict
{
    /// <summary>It did not start.</summary>
    Refused,

    /// <summary>It serves versions that were published, byte for byte, with no file more or less.</summary>
    AsPublished,

    /// <summary>It serves something else.</summary>
    Corrupted,
}
