using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>A healthy set-up with two published models, in which a test makes one thing wrong.</summary>
internal sealed class DoctorHarness : IAsyncDisposable
{
    public const string Bucket = "models";

    private readonly string _root = Directory.CreateTempSubdirectory("model-doctor-").FullName;
    private readonly byte[] _weights = new byte[2 << 20];
    private readonly List<GoogleCloudObjectStore> _clients = [];
    private CloudStorageServer _server = null!;

    public Dictionary<string, string?> Settings { get; } = [];

    public Dictionary<string, string> Variables { get; } = [];

    public JsonObject BucketSettings { get; } = new() { ["location"] = "EUROPE-WEST1", ["locationType"] = "region", ["versioning"] = new JsonObject { ["enabled"] = true } };

    public Func<string, bool> HasPermission { get; set; } = _ => true;

    public Func<CloudStorageRequest, CloudStorageFault?> Fault { get; set; } = _ => null;

    public string MountInfo { get; set; } = "";

    public IReadOnlyList<IReadOnlyList<string>> CommandLines { get; set; } = [];

    public long? MemoryLimit { get; set; } = 1L << 30;

    public string? Region { get; set; } = "europe-west1";

    public SkewedClock Clock { get; } = new();

    /// <summary>Stands still, however busy the machine is; a slow mount moves it.</summary>
    public FakeTimeProvider Stopwatch { get; } = new();

    public bool IsSlow { get; set; }

    /// <summary>The folder that is bucket and mount.</summary>
    public string Folder => Path.Join(_root, Bucket);

    public IObjectStore Store => _server.GetStore(Bucket);

    public string ActivePath { get; private set; } = "";

    public static async Task<DoctorHarness> CreateAsync(bool shared)
    {
        var harness = new DoctorHarness();
        harness._server = await CloudStorageServer.StartAsync(
            new CloudStorageServerOptions
            {
                Buckets = [Bucket],
                Fault = request => harness.Fault(request),
                HasPermission = permission => harness.HasPermission(permission),
                BucketSettings = _ => harness.BucketSettings,
            }.UseDirectory(harness._root));

        // Published as into a private directory: a crowd for the lease of a bucket is not what is tested here.
        harness.Configure(shared: false);
        await harness.PublishAsync();
        harness.Configure(shared);
        return harness;
    }

    /// <summary>Another folder that is mounted instead, with a copy of what is chosen of the bucket.</summary>
    public string MountElsewhere(Func<string, bool> choose, string source = Bucket)
    {
        var other = Path.Join(_root, "other");
        Copy(Folder, other, choose);
        Settings["ModelCache:MountPath"] = other;
        Mount(other, source);
        return other;
    }

    public void Mount(string folder, string source = Bucket, string type = "fuse.gcsfuse", string options = "ro,nosuid,nodev,relatime", string superOptions = "ro,user_id=0,group_id=0,default_permissions") =>
        MountInfo = $"36 35 98:0 / / rw,relatime - overlay overlay rw\n40 36 0:50 / {folder} {options} - {type} {source} {superOptions}\n";

    public static void Copy(string from, string to, Func<string, bool> choose)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).ToList())
        {
            var path = Path.GetRelativePath(from, file);
            if (!path.StartsWith(".store", StringComparison.Ordinal) && choose(path))
            {
                var target = Path.Join(to, path);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    public Task WriteAsync(string name, string text) => Store.WriteAsync(name, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));

    public async Task<Manifest> ReadManifestAsync() => (await new ManifestStore(Store).ReadAsync(default)).Manifest;

    /// <summary>Signs the manifest of the bucket as it is, and trusts that key.</summary>
    public async Task SignManifestAsync()
    {
        Settings["ModelCache:Signing:TrustedKeys:0"] = Vectors.PublicKey;
        using var signer = PemModelSigner.Parse(Vectors.PrivateKey, "test");
        var manifest = (await Store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, default))!.Bytes;
        var signature = await ManifestTrust.SignAsync(signer, manifest, default);
        await Store.WriteBytesAsync(ManifestTrust.NameFor(manifest), signature, new ObjectWriteOptions(), default);
    }

    public async Task<DoctorReport> DiagnoseAsync()
    {
        using var host = Build();
        return await host.Services.GetRequiredService<ModelCacheDoctor>().RunAsync(TestContext.Current.CancellationToken);
    }

    public IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "test" });
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Configuration.AddInMemoryCollection(Variables.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)));
        builder.Services.AddSingleton(new ModelCacheClock(Clock, new Random(1)));
        builder.Services.AddSingleton(new MountTable(() => MountInfo));
        builder.Services.AddSingleton(new DoctorSurroundings(
            Variables.GetValueOrDefault, () => MemoryLimit, () => CommandLines, _ => Task.FromResult(Region))
        {
            Stopwatch = Stopwatch,
        });
        builder.Services.AddSingleton(CreatePlaces);
        if (IsSlow)
        {
            builder.Services.AddSingleton<IModelMount>(sp => new SlowMount(
                new FileSystemMount(
                    sp.GetRequiredService<IOptions<ModelCacheOptions>>().Value,
                    new SettingPath("ModelCache"),
                    sp.GetRequiredService<MountIdentity>(),
                    Clock,
                    sp.GetRequiredService<ILogger<FileSystemMount>>()),
                Stopwatch));
        }

        builder.Services.AddModelCache()
            .AddSource("llm", _ => new TestSource([("blobs/weights", Text(_weights)), ("manifests/r/l/m/t", "{}")]))
            .AddSource("emb", _ => new TestSource(("models--a--b/refs/main", "c"), ("models--a--b/snapshots/c/config.json", "{}")));
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        await _server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.ASCII.GetString(bytes);

    private void Configure(bool shared)
    {
        Settings["ModelCache:MountPath"] = Folder;
        Settings["ModelCache:SharedVolumeEnabled"] = shared ? "true" : "false";
        Settings["ModelCache:Bucket"] = shared ? Bucket : null;
        Settings["ModelCache:Models:0:Name"] = "demo";
        Settings["ModelCache:Models:0:Kind"] = ModelKinds.Ollama;
        Settings["ModelCache:Models:0:Source"] = "llm://demo";
        Settings["ModelCache:Models:1:Name"] = "embed";
        Settings["ModelCache:Models:1:Kind"] = ModelKinds.Sbert;
        Settings["ModelCache:Models:1:Source"] = "emb://embed";
        if (shared)
        {
            Mount(Folder);
        }
        else
        {
            MountInfo = "36 35 98:0 / / rw,relatime - overlay overlay rw\n";
        }
    }

    private ModelCachePlaces CreatePlaces(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ModelCacheOptions>>().Value;
        var trust = ModelCacheServiceCollectionExtensions.CreateTrust(services);
        if (options.SharedVolumeEnabled != true)
        {
            var directory = new DirectoryObjectStore(options.MountPath!, Clock, new Random(1));
            return new ModelCachePlaces(directory, directory, trust);
        }

        if (string.IsNullOrEmpty(options.Bucket))
        {
            return new ModelCachePlaces(null, null, trust);
        }

        var client = new GoogleCloudObjectStore(new GoogleCloudStoreOptions
        {
            Bucket = options.Bucket,
            Prefix = options.Prefix ?? "",
            Endpoint = StorageEndpoint.Parse($"{_server.Endpoint}"),
            Retries = false,
        });
        _clients.Add(client);
        return new ModelCachePlaces(client, client, trust);
    }

    private async Task PublishAsync()
    {
        using var host = Build();
        foreach (var model in WantedModel.From(host.Services.GetRequiredService<IOptions<ModelCacheOptions>>().Value))
        {
            await using var lease = await host.Services.GetRequiredService<LeaseManager>().CreateCandidate(model.Name).TryAcquireAsync(0, default);
            var result = await host.Services.GetRequiredService<ModelPublisher>().PublishAsync(
                model, PublishMode.Sync, lease!, new TestCache.NoProgress(), default);
            ActivePath = model.Name == "demo" ? result.Version.Path : ActivePath;
        }
    }
}
