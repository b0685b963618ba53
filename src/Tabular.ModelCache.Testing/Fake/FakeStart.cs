using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// Lets the host count as started only when the model cache is ready, has failed, or is where a test holds it; and as stopped only when
/// its files are gone.
/// </summary>
internal sealed class FakeStart(FakeModelCache fake, FakeFolder folder) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => fake.SettleAsync(cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        folder.Delete();
        return Task.CompletedTask;
    }
}
