namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>A condition in words that mean the same in two stores with different generations.</summary>
public enum StepCondition
{
    None,
    MustNotExist,
    MustExist,
    MatchesLatest,
    MatchesFormer,
    IsNotLatest,
}
