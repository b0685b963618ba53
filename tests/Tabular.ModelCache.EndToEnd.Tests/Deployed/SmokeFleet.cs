using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>Instances and their addresses.</summary>
internal sealed record SmokeFleet(IReadOnlyList<TabularProcess> Apps, IReadOnlyList<string> Urls) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var app in Apps)
        {
            await app.DisposeAsync();
        }
    }
}
