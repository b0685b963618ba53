namespace Tabular.ModelCache.Mounts;

/// <summary>Tells the errors of a mount apart, each with its one likely cause and cure.</summary>
internal static class MountErrors
{
    // errno on Linux; .NET passes it in HResult for a plain IOException (measured on .NET 10).
    private const int Eio = 5;
    private const int Erofs = 30;
    private const int Econnaborted = 103;
    private const int Enotconn = 107;
    private const int Estale = 116;

    /// <summary>Whether the file was replaced or removed in the store since it was looked up; opening it again shows the present one.</summary>
    public static bool IsStale(Exception e) => e is IOException { HResult: Estale };

    /// <summary>Whether the mount could not get from the store what it asked for.</summary>
    public static bool IsInputOutput(Exception e) => e is IOException { HResult: Eio };

    /// <summary>Whether an exception of a call is the mount's, and not a cancellation or a defect.</summary>
    public static bool IsMountError(Exception e) => e is IOException or UnauthorizedAccessException or TimeoutException;

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

                // A request under way when the process ends gets the first, every later one the second.
                IOException { HResult: Econnaborted or Enotconn } =>
                    $"The mount {root} is dead ('{target}': transport endpoint is not connected): its process ended, mostly for lack of memory; restart the instance with more.",
                IOException { HResult: Eio } =>
                    $"The mount {root} failed to read '{target}' (input/output error): the store behind it does not answer, or not with what it listed; see the log of the mount, and whether the bucket answers.",
                IOException { HResult: Estale } =>
                    $"The file '{target}' was replaced while it was read (stale file handle); see who else writes to the bucket, and publish the model again.",
                IOException { HResult: Erofs } =>
                    $"The mount {root} is read only, and '{target}' was to be written.",
                _ => $"The mount {root} failed for '{target}': {e.Message.TrimEnd('.')}.",
            },
            e);
    }
}
