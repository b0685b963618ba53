namespace Tabular.ModelCache.Mounts;

/// <summary>Tells the errors of a mount apart, each with its one likely cause and cure.</summary>
internal static class MountErrors
{
    // errno on Linux; .NET passes it in HResult for a plain IOException (measured on .NET 10).
    private const int Eio = 5;
    private const int Enotconn = 107;
    private const int Estale = 116;
    private const int Erofs = 30;

    public static bool IsStale(Exception e) => e is IOException { HResult: Estale };

    public static ModelCacheException Translate(Exception e, string root, string path)
    {
        var target = path.Length == 0 ? root : $"{root}/{path}";
        return new ModelCacheException(
            e switch
            {
                TimeoutException =>
                    $"The mount {root} did not answer for '{target}' in time: the file system process hangs; restart the instance.",
                UnauthorizedAccessException =>
                    $"No permission to read '{target}': the account that mounted the bucket needs roles/storage.objectViewer, or the files belong to another user.",
                IOException { HResult: Enotconn } =>
                    $"The mount {root} is dead ('{target}': transport endpoint is not connected): its process ended, mostly for lack of memory; restart the instance with more.",
                IOException { HResult: Eio } =>
                    $"The mount {root} failed to read '{target}' (input/output error): the store behind it does not answer; see the log of the mount.",
                IOException { HResult: Estale } =>
                    $"The file '{target}' was replaced while it was read (stale file handle).",
                IOException { HResult: Erofs } =>
                    $"The mount {root} is read only, and '{target}' was to be written.",
                _ => $"The mount {root} failed for '{target}': {e.Message.TrimEnd('.')}.",
            },
            e);
    }
}
