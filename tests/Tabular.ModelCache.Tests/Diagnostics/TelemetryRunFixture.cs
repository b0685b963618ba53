using Tabular.ModelCache.Tests.Diagnostics.Run;

namespace Tabular.ModelCache.Tests.Diagnostics;

/// <summary>One run of everything that tells something.</summary>
public sealed class TelemetryRunFixture : IAsyncLifetime
{
    internal TelemetryRun Run { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Run = new TelemetryRun();
        await StartScenarios.RunAsync(Run);
        await ReadyScenarios.RunAsync(Run);
        await LeaseScenarios.RunAsync(Run);
        await PublishScenarios.RunAsync(Run);
        await SigningScenarios.RunAsync(Run);
        await SourceScenarios.RunAsync(Run);
        Run.Complete();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
