using System.Security.Cryptography;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>Looks through a mount as a reader does, each time on a thread of its own, because that thread can hang.</summary>
internal static class MountView
{
    /// <summary>Lists a folder, so that the mount keeps what it has now; a folder that is not there is no error.</summary>
    public static Task<IReadOnlyList<string>> ListAsync(string folder) => RunAsync<IReadOnlyList<string>>(() => List(folder));

    /// <summary>Lists a folder and all below it.</summary>
    public static Task ListAllAsync(string folder) => RunAsync(() =>
    {
        ListAll(folder);
        return true;
    });

    public static Task<bool> ShowsAsync(string file) => RunAsync(() => File.Exists(file));

    public static Task<string> Sha256Async(string file) => RunAsync(() =>
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    });

    private static Task<T> RunAsync<T>(Func<T> look) =>
        Task.Factory.StartNew(look, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Poll.Deadline);

    private static string[] List(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static void ListAll(string folder)
    {
        foreach (var entry in List(folder))
        {
            if (Directory.Exists(entry))
            {
                ListAll(entry);
            }
        }
    }
}
