using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>Signing is turned on, its key is rotated, and a finished folder without a signature is found.</summary>
internal static class SigningScenarios
{
    private static readonly (string, string) Signs = ("ModelCache:Signing:PrivateKey", Vectors.PrivateKey);
    private static readonly (string, string) TrustsAnything = ("ModelCache:Signing:Policy", "Off");

    public static async Task RunAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"));
        await SyncAsync(run.New(store, source), SyncAction.Published);
        await SyncAsync(run.New(store, source, null, Signs, TrustsAnything), SyncAction.Healed);
        await SyncAsync(
            run.New(
                store,
                source,
                null,
                ("ModelCache:Signing:PrivateKey", TestKey.Create().Pem),
                ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey)),
            SyncAction.Unchanged);

        var left = new InMemoryObjectStore();
        await SyncAsync(run.New(left, source), SyncAction.Published);
        await left.DeleteAsync(VersionFiles.Manifest);
        await SyncAsync(run.New(left, source, null, Signs), SyncAction.Published);
    }

    private static async Task SyncAsync(TestCache cache, SyncAction expected)
    {
        await using (cache)
        {
            await PublishScenarios.SyncAsync(cache, expected);
        }
    }
}
