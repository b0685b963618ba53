using System.Text.Json;

namespace Tabular.ModelCache.RealParts.Tests.Terraform;

/// <summary>
/// The schema of a provider in the form of <c>terraform providers schema -json</c>, as the answer to <c>GetSchema</c> of Terraform's plugin
/// protocol 5 (docs/plugin-protocol/tfplugin5.proto in the repository of Terraform).
/// </summary>
internal static class ProviderSchema
{
    private static readonly string[] NestingModes = ["invalid", "single", "list", "set", "map", "group"];

    public static byte[] Encode(JsonElement schema) => new ProtobufWriter()
        .Message(1, Schema(schema.GetProperty("provider")))
        .AddAll(2, schema.GetProperty("resource_schemas"))
        .AddAll(3, schema.GetProperty("data_source_schemas"))
        .ToArray();

    private static ProtobufWriter AddAll(this ProtobufWriter response, int field, JsonElement schemas)
    {
        foreach (var entry in schemas.EnumerateObject())
        {
            response.Message(field, new ProtobufWriter().Text(1, entry.Name).Message(2, Schema(entry.Value)));
        }

        return response;
    }

    private static ProtobufWriter Schema(JsonElement block) => new ProtobufWriter().Message(2, Block(block));

    private static ProtobufWriter Block(JsonElement block)
    {
        var writer = new ProtobufWriter();
        foreach (var attribute in Members(block, "attributes"))
        {
            writer.Message(2, Attribute(attribute));
        }

        foreach (var nested in Members(block, "block_types"))
        {
            writer.Message(3, new ProtobufWriter()
                .Text(1, nested.Name)
                .Message(2, Block(nested.Value.GetProperty("block")))
                .Number(3, Array.IndexOf(NestingModes, nested.Value.GetProperty("nesting_mode").GetString()))
                .Number(4, Count(nested.Value, "min_items"))
                .Number(5, Count(nested.Value, "max_items")));
        }

        return writer;
    }

    private static ProtobufWriter Attribute(JsonProperty attribute)
    {
        var writer = new ProtobufWriter().Text(1, attribute.Name).Text(2, attribute.Value.GetProperty("type").GetRawText());
        foreach (var (field, name) in new[] { (4, "required"), (5, "optional"), (6, "computed") })
        {
            if (attribute.Value.TryGetProperty(name, out var flag) && flag.GetBoolean())
            {
                writer.Number(field, 1);
            }
        }

        return writer;
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement block, string name) =>
        block.TryGetProperty(name, out var members) ? members.EnumerateObject() : default;

    private static long Count(JsonElement nested, string name) => nested.TryGetProperty(name, out var count) ? count.GetInt64() : 0;
}
