using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>A bucket after a corruption, ready to be started on.</summary>
internal sealed class CorruptedBucket : IDisposable
{
    public required IObjectStore Store { get; init; }

    public required Func<IServiceProvider, IModelMount> CreateMount { get; init; }

    public required string Root { get; init; }

    /// <summary>Names of objects; a refusal must have one of them.</summary>
    public required IReadOnlyList<string> Suspects { get; init; }

    /// <summary>Reads what a reader of the model finds below a folder of the mount.</summary>
    public required Func<string, Task<IReadOnlyDictionary<string, byte[]>>> ReadFolderAsync { get; init; }

    /// <summary>Puts a directory back into its order.</summary>
    public Action? Undo { get; init; }

    public static CorruptedBucket InMemory(InMemoryObjectStore store, InMemoryObjectStore shown, IReadOnlyList<string> suspects)
    {
        var mount = new ObjectStoreMount(shown);
        return new CorruptedBucket
        {
            Store = store,
            CreateMount = _ => mount,
            Root = mount.Root,
            Suspects = suspects,
            ReadFolderAsync = folder => SignedBucket.ReadFolderAsync(shown, folder),
        };
    }

    public static CorruptedBucket InDirectory(IObjectStore store, string root, IReadOnlyList<string> suspects, Action undo) => new()
    {
        Store = store,
        CreateMount = services => ActivatorUtilities.CreateInstance<FileSystemMount>(
            services, services.GetRequiredService<IOptions<ModelCacheOptions>>().Value, services.GetRequiredService<ModelCacheClock>().Time),
        Root = root,
        Suspects = suspects,
        Undo = undo,
        ReadFolderAsync = async folder =>
        {
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            var path = Path.Join(root, folder);

            // As readers do, which follow links.
            foreach (var file in Directory.EnumerateFiles(path, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }))
            {
                files[Path.GetRelativePath(path, file)] = await File.ReadAllBytesAsync(file);
            }

            return files;
        },
    };

    public void Dispose() => Undo?.Invoke();
}
