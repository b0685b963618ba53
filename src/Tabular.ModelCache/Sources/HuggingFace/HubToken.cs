using System.Net.Http.Headers;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>The token of the Hub.</summary>
internal sealed class HubToken(string token) : SourceCredential
{
    public override AuthenticationHeaderValue Current { get; } = new("Bearer", token);
}
