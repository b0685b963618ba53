using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>A model of 3 GB, published once for all tests of its class, and what that took.</summary>
public sealed class LargeModelFixture : IAsyncLifetime
{
    private const long Megabyte = 1_000_000;

    internal Deployment Deployment { get; } = new Deployment().WithModel("embedder", "sbert");

    internal Health? Working { get; private set; }

    internal Health? Ready { get; private set; }

    internal long PeakAfterPublishing { get; private set; }

    internal long PeakAfterWarmUp { get; private set; }

    internal JsonElement WarmUp { get; private set; }

    internal ServedModel? Served { get; private set; }

    public async ValueTask InitializeAsync()
    {
        ModelFiles.WriteLargeSbert(Deployment.Source("embedder"), seed: 1, 2_200 * Megabyte, 400 * Megabyte, 400 * Megabyte, 1_234_567);
        await using var app = Deployment.Start();
        Working = await app.WaitForHealthAsync(h => h.State == "pulling" && h.Progress > 0, "bytes that are being pulled");
        Ready = await app.WaitUntilReadyAsync();
        PeakAfterPublishing = app.PeakMemoryBytes;
        Served = (await app.GetModelsAsync()).Single();
        WarmUp = await app.WarmUpAsync();
        PeakAfterWarmUp = app.PeakMemoryBytes;
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }

    public ValueTask DisposeAsync()
    {
        Deployment.Dispose();
        return ValueTask.CompletedTask;
    }
}
