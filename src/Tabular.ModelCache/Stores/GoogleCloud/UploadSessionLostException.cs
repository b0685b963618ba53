namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The server no longer knows a resumable session, so that what it had persisted is gone.</summary>
internal sealed class UploadSessionLostException(int status, long persisted) : Exception($"The upload session is gone (HTTP {status}).")
{
    public int Status { get; } = status;

    public long Persisted { get; } = persisted;
}
