namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>The kinds of condition that the matrix puts on every request.</summary>
public enum Condition
{
    GenerationMatches,
    GenerationMatchesOther,
    GenerationMatchesZero,
    GenerationNotMatches,
    GenerationNotMatchesOther,
    GenerationNotMatchesZero,
    MetagenerationMatches,
    MetagenerationMatchesOther,
    MetagenerationNotMatches,
    MetagenerationNotMatchesOther,
    BothMatch,
    GenerationMatchesButMetagenerationDoesNot,
}
