using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Where a directory store keeps what.</summary>
/// <remarks>
/// <code>
/// &lt;root&gt;/&lt;name&gt;                         the content, a plain file
/// &lt;root&gt;/.store/objects/&lt;2 hex&gt;/&lt;sha256 of the name&gt;.json        its metadata
/// &lt;root&gt;/.store/objects/&lt;2 hex&gt;/&lt;sha256 of the name&gt;.json.next   the metadata of a change that is under way
/// &lt;root&gt;/.store/locks/&lt;2 hex&gt;             held while an object of that shard changes; holds the last generation given in it
/// &lt;root&gt;/.store/tmp/&lt;unique&gt;             content that is not yet an object
/// </code>
/// </remarks>
internal sealed class StoreLayout(string root)
{
    /// <summary>The folder of the store's own files; no object has a name in it.</summary>
    public const string PrivateFolder = ".store";

    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public string TemporaryFolder => Path.Join(Root, PrivateFolder, "tmp");

    public string LockFolder => Path.Join(Root, PrivateFolder, "locks");

    /// <summary>Tells whether a name, or the folder of a prefix, lies in the store's own folder. Without case, as some file systems are.</summary>
    public static bool IsPrivate(string name) =>
        name.StartsWith(PrivateFolder, StringComparison.OrdinalIgnoreCase)
        && (name.Length == PrivateFolder.Length || name[PrivateFolder.Length] == '/');

    public static byte ShardOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return hash[0];
    }

    public string FileOf(string name) => Path.Join(Root, name.Replace('/', Path.DirectorySeparatorChar));

    public string SidecarOf(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return Path.Join(Path.Join(Root, PrivateFolder, "objects"), hash[..2], hash + ".json");
    }

    public string NextSidecarOf(string name) => SidecarOf(name) + ".next";

    public string LockOf(byte shard) => Path.Join(LockFolder, $"{shard:x2}");

    public string NewTemporaryFile() => Path.Join(TemporaryFolder, Guid.NewGuid().ToString("n"));
}
