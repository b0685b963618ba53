namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>Tests that load the machine run alone, after the others, so that no other test meets its deadline late.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
