namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Turns the failures of a file system into those of a store.</summary>
internal static class FileErrors
{
    // .NET gives the raw errno in HResult where it has no exception of its own for it, and 0x8007xxxx on Windows.
    private const int Exists = 17;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int WindowsAlreadyExists = unchecked((int)0x800700B7);
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Tells whether a file could not be opened because somebody holds a lock on it.</summary>
    public static bool IsLocked(IOException exception) =>
        exception.HResult is WindowsSharingViolation
        || (exception.HResult == WouldBlockLinux && OperatingSystem.IsLinux())
        || (exception.HResult == WouldBlockMac && !OperatingSystem.IsLinux() && !OperatingSystem.IsWindows());

    /// <summary>Tells whether something was found where a folder was to be made.</summary>
    public static bool IsExisting(IOException exception) => exception.HResult is Exists or WindowsAlreadyExists;

    public static ObjectStoreException Map(Exception exception, string root, string? name, bool outcomeUnknown = false)
    {
        var error = exception switch
        {
            UnauthorizedAccessException => ObjectStoreError.PermissionDenied,
            PathTooLongException => ObjectStoreError.InvalidRequest,
            { HResult: NoSpace or QuotaLinux or QuotaMac or WindowsDiskFull or WindowsHandleDiskFull } => ObjectStoreError.OutOfSpace,
            { HResult: ReadOnlyFileSystem or WindowsWriteProtected } => ObjectStoreError.ReadOnly,
            _ => ObjectStoreError.Unavailable,
        };
        var advice = error switch
        {
            ObjectStoreError.PermissionDenied => $"Give this user the right to read and write below '{root}'.",
            ObjectStoreError.InvalidRequest => "Use a shorter name or a shorter path of the directory.",
            ObjectStoreError.OutOfSpace => $"Free some space below '{root}'.",
            ObjectStoreError.ReadOnly => $"Mount '{root}' for writing, or set ModelCache:Bucket so that changes go to the bucket.",
            _ => "Look at the disk and try again.",
        };
        var subject = name is null ? $"The directory '{root}'" : $"The object '{name}' in '{root}'";
        return new(error, $"{subject} could not be accessed: {exception.Message} {advice}", name, exception)
        {
            OutcomeUnknown = outcomeUnknown && error is ObjectStoreError.Unavailable,
        };
    }
}
