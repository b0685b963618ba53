namespace Tabular.ModelCache.Testing;

/// <summary>An entry of the request log of a <see cref="CloudStorageServer"/>.</summary>
/// <param name="Request">The request.</param>
/// <param name="Status">The HTTP status that was sent; 0 when the connection was reset instead.</param>
/// <param name="BytesReceived">The bytes of the request's body that were read.</param>
/// <param name="BytesSent">The bytes of the answer's body.</param>
/// <param name="Mutated">Whether the request changed an object or a bucket, also if its answer was then lost.</param>
public sealed record CloudStorageRequestRecord(
    CloudStorageRequest Request, int Status, long BytesReceived, long BytesSent, bool Mutated)
{
    /// <summary>Formats the entry as a line of an access log.</summary>
    /// <returns>One line.</returns>
    public override string ToString()
    {
        var name = Request.ObjectName is null ? Request.Bucket : $"{Request.Bucket}/{Request.ObjectName}";
        var status = Status == 0 ? "reset" : $"{Status}";
        return $"{Request.Sequence} {Request.Method} {Request.Operation} {name} {status} in={BytesReceived} out={BytesSent}{(Mutated ? " changed" : "")}";
    }
}
