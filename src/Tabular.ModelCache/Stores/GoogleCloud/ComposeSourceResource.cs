namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One version that a compose takes.</summary>
internal sealed class ComposeSourceResource
{
    public required string Name { get; init; }

    public required long Generation { get; init; }
}
