using Tabular.ModelCache.Signing.CloudKms;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Signing.CloudKms;

/// <summary>A server with one key version, and signers for it that do not wait between attempts.</summary>
public abstract class KmsFixture : IAsyncLifetime
{
    protected const string Key = "projects/tabular/locations/europe-west1/keyRings/models/cryptoKeys/publisher/cryptoKeyVersions/1";

    private readonly List<IDisposable> _signers = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected KeyManagementServer Server { get; private set; } = null!;

    /// <summary>The public half of the key.</summary>
    private protected string PublicKey { get; private set; } = "";

    /// <summary>What the server asks before each request; may be replaced at any time.</summary>
    private protected Func<KeyManagementRequest, KeyManagementFault?> Fault { get; set; } = _ => null;

    public async ValueTask InitializeAsync()
    {
        Server = await KeyManagementServer.StartAsync(new KeyManagementServerOptions { Fault = request => Fault(request) }, Token);
        PublicKey = Server.AddKeyVersion(Key);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _signers.ForEach(signer => signer.Dispose());
        await Server.DisposeAsync();
    }

    private protected KmsModelSigner Connect(Func<KmsOptions, KmsOptions>? configure = null, string key = Key)
    {
        var options = new KmsOptions
        {
            Setting = "ModelCache:Signing:KmsKey",
            Endpoint = KmsEndpoint.Parse($"{Server.Endpoint}"),
            InitialBackoff = TimeSpan.Zero,
        };
        var signer = new KmsModelSigner(KmsKeyName.Parse(key), configure?.Invoke(options) ?? options);
        _signers.Add(signer);
        return signer;
    }

    /// <summary>Gives each request of an operation the next fault of a list; <see langword="null"/> is none.</summary>
    private protected void Script(string operation, params KeyManagementFault?[] faults)
    {
        var next = new Queue<KeyManagementFault?>(faults);
        Fault = request =>
        {
            lock (next)
            {
                return request.Operation == operation && next.TryDequeue(out var fault) ? fault : null;
            }
        };
    }

    private protected int Count(string operation) => Server.GetRequests().Count(request => request.Operation == operation);
}
