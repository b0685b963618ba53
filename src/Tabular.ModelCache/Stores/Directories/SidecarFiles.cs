using System.Text.Json;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Reads and replaces sidecars. A replacement is one rename, so that nobody ever reads half of one.</summary>
internal sealed class SidecarFiles(StoreLayout layout, DirectoryObjectStoreOptions options)
{
    // Custom metadata has 8 KiB at the most in Cloud Storage, and a name 1 KiB.
    private const int MaxBytes = 1024 * 1024;

    public Sidecar? Read(string name) => ReadFile(layout.SidecarOf(name), name);

    public Sidecar? ReadNext(string name) => ReadFile(layout.NextSidecarOf(name), name);

    public void Write(Sidecar sidecar) => Replace(sidecar, layout.SidecarOf(sidecar.Name));

    public void WriteNext(Sidecar sidecar) => Replace(sidecar, layout.NextSidecarOf(sidecar.Name));

    public void PromoteNext(string name) => File.Move(layout.NextSidecarOf(name), layout.SidecarOf(name), overwrite: true);

    public void DeleteNext(string name) => DeleteFile(layout.NextSidecarOf(name));

    public void Delete(string name) => DeleteFile(layout.SidecarOf(name));

    private static void DeleteFile(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // It never existed, which is what was wanted.
        }
    }

    private static Sidecar? ReadFile(string path, string name)
    {
        byte[] bytes;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            if (length > MaxBytes)
            {
                throw Damaged(path, name, $"has {length} bytes", null);
            }

            bytes = new byte[length];
            if (RandomAccess.Read(handle, bytes, 0) != length)
            {
                throw Damaged(path, name, "changed while it was read", null);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            var sidecar = JsonSerializer.Deserialize(bytes, SidecarJson.Default.Sidecar);
            return sidecar switch
            {
                null => throw Damaged(path, name, "is empty", null),
                { SchemaVersion: > Sidecar.CurrentSchemaVersion } => throw Damaged(path, name, $"has schema version {sidecar.SchemaVersion} of a newer release", null),
                _ when sidecar.Name != name => throw Damaged(path, name, $"is of '{sidecar.Name}'", null),
                _ => sidecar,
            };
        }
        catch (JsonException e)
        {
            throw Damaged(path, name, "is not readable", e);
        }
    }

    private static ObjectStoreException Damaged(string path, string name, string found, Exception? inner) => new(
        ObjectStoreError.Corrupted,
        $"The file '{path}' was expected to hold the metadata of '{name}' in schema version {Sidecar.CurrentSchemaVersion}, but {found}. "
        + "Delete it to keep the object without its metadata.",
        name,
        inner);

    private void Replace(Sidecar sidecar, string path)
    {
        Directory.CreateDirectory(layout.TemporaryFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = layout.NewTemporaryFile();
        using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(handle, JsonSerializer.SerializeToUtf8Bytes(sidecar, SidecarJson.Default.Sidecar), 0);
            if (options.FlushToDisk)
            {
                RandomAccess.FlushToDisk(handle);
            }
        }

        options.OnStep?.Invoke("sidecar written");
        File.Move(temporary, path, overwrite: true);
        options.OnStep?.Invoke("sidecar in place");
    }
}
