using System.Net;
using System.Net.Http.Headers;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>A small answer, read whole.</summary>
/// <param name="Status">The status.</param>
/// <param name="MediaType">The media type without parameters.</param>
/// <param name="Headers">The headers of the answer.</param>
/// <param name="Bytes">The body; empty when the status is no success.</param>
/// <param name="Uri">Where the answer came from.</param>
internal sealed record SourceDocument(HttpStatusCode Status, string? MediaType, HttpResponseHeaders Headers, byte[] Bytes, Uri Uri)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
