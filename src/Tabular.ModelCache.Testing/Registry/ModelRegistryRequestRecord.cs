namespace Tabular.ModelCache.Testing;

/// <summary>An entry of the request log of a <see cref="ModelRegistryServer"/>.</summary>
/// <param name="Request">The request.</param>
/// <param name="Status">The HTTP status that was sent; 0 when there was no answer.</param>
/// <param name="BytesSent">The bytes of the answer's body that were written.</param>
public sealed record ModelRegistryRequestRecord(ModelRegistryRequest Request, int Status, long BytesSent)
{
    /// <summary>Formats the entry as a line of an access log.</summary>
    /// <returns>One line.</returns>
    public override string ToString()
    {
        var file = Request.File is null ? "" : $" {Request.File}";
        var range = Request.Range is null ? "" : $" {Request.Range}";
        var status = Status == 0 ? "none" : $"{Status}";
        return $"{Request.Sequence} {Request.Method} {Request.Operation} {Request.Target}{file}{range} {status} out={BytesSent}";
    }
}
