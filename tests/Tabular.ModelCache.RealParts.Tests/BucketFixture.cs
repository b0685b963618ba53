using System.Security.Cryptography;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>A server over a directory, and a folder with files of the kinds that tell clients apart.</summary>
public abstract class BucketFixture : IAsyncLifetime
{
    protected const string OddName = "sub/a b+c é%2f#.txt";

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("real-parts-");

    private protected CloudStorageServer Server { get; private set; } = null!;

    protected string Source => Folder("source");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Server = await CloudStorageServer.StartAsync(new CloudStorageServerOptions().UseDirectory(Folder("buckets")), Token);
        Directory.CreateDirectory(Path.Join(Source, "sub"));
        await File.WriteAllTextAsync(Path.Join(Source, "empty"), "", Token);
        await File.WriteAllTextAsync(Path.Join(Source, OddName), "hello", Token);
        // More than one chunk of either client, and not a multiple of anything.
        await File.WriteAllBytesAsync(Path.Join(Source, "large.bin"), RandomNumberGenerator.GetBytes(60_000_001), Token);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Server.DisposeAsync();
        _scratch.Delete(recursive: true);
    }

    protected string Folder(string name) => Path.Join(_scratch.FullName, name);

    protected static void ShouldBeEqual(string left, string right)
    {
        var expected = Contents(left);
        var actual = Contents(right);
        actual.Should().Equal(expected);
    }

    private static Dictionary<string, string> Contents(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/.store/", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
}
