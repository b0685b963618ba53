using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>A partial response: <c>a,b/c,items(x,y)</c> (<see href="https://cloud.google.com/storage/docs/json_api#partial-response"/>).</summary>
internal sealed class FieldMask
{
    private readonly Dictionary<string, FieldMask?> _fields = new(StringComparer.Ordinal);

    /// <summary>Reads a mask; <see langword="null"/> text selects everything.</summary>
    /// <exception cref="FormatException">The text is no mask.</exception>
    public static FieldMask? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var position = 0;
        var mask = ParseList(text, ref position);
        return position == text.Length ? mask : throw new FormatException($"Invalid field selection {text}");
    }

    /// <summary>Whether a top-level field is selected.</summary>
    public bool Has(string field) => _fields.ContainsKey(field) || _fields.ContainsKey("*");

    public JsonNode? Apply(JsonNode? node) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(Apply)]),
        JsonObject source => Select(source),
        null => null,
        _ => node.DeepClone(),
    };

    private JsonObject Select(JsonObject source)
    {
        var selected = new JsonObject();
        foreach (var (key, value) in source)
        {
            if (_fields.TryGetValue(key, out var inner) || _fields.TryGetValue("*", out inner))
            {
                selected[key] = inner is null ? value?.DeepClone() : inner.Apply(value);
            }
        }

        return selected;
    }

    private static FieldMask ParseList(string text, ref int position)
    {
        var mask = new FieldMask();
        while (true)
        {
            mask.AddPath(text, ref position);
            if (position == text.Length || text[position] != ',')
            {
                return mask;
            }

            position++;
        }
    }

    private void AddPath(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && text[position] is not (',' or '/' or '(' or ')'))
        {
            position++;
        }

        var name = text[start..position].Trim();
        if (name.Length == 0)
        {
            throw new FormatException($"Invalid field selection {text}");
        }

        FieldMask? inner = null;
        if (position < text.Length && text[position] == '/')
        {
            position++;
            inner = new FieldMask();
            inner.AddPath(text, ref position);
        }
        else if (position < text.Length && text[position] == '(')
        {
            position++;
            inner = ParseList(text, ref position);
            if (position == text.Length || text[position] != ')')
            {
                throw new FormatException($"Invalid field selection {text}");
            }

            position++;
        }

        // "a/b,a/c" selects both; a bare "a" selects all of it.
        if (_fields.TryGetValue(name, out var present) && present is not null && inner is not null)
        {
            foreach (var (key, value) in inner._fields)
            {
                present._fields[key] = value;
            }
        }
        else
        {
            _fields[name] = _fields.ContainsKey(name) ? null : inner;
        }
    }
}
