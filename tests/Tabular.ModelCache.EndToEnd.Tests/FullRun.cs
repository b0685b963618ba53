namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>Whether this is the full run, with large counts and long waits: <c>.ci/run --full</c>.</summary>
internal static class FullRun
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1";
}
