using System.Text;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Tests.Registry;

/// <summary>An answer that was read to its end.</summary>
internal sealed record RegistryAnswer(int Status, Dictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? this[string header] => Headers.GetValueOrDefault(header);

    public static async Task<RegistryAnswer> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, headers, body);
    }
}
