using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Testing;

/// <summary>The lifetime of the host as the library sees it: a start that fails does not take the host from the test.</summary>
internal sealed class FakeLifetime(IHostApplicationLifetime host) : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => host.ApplicationStarted;

    public CancellationToken ApplicationStopping => host.ApplicationStopping;

    public CancellationToken ApplicationStopped => host.ApplicationStopped;

    public void StopApplication()
    {
        // The exit code tells the test that the host would have been stopped.
    }
}
