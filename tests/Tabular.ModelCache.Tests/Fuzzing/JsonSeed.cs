using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>A valid JSON document as a tree of raw texts, so that each part can be written changed.</summary>
internal sealed class JsonSeed
{
    private JsonSeed(JsonElement element)
    {
        Kind = element.ValueKind;
        Members = Kind == JsonValueKind.Object ? [.. element.EnumerateObject().Select(m => (Quote(m.Name), new JsonSeed(m.Value)))] : [];
        Items = Kind == JsonValueKind.Array ? [.. element.EnumerateArray().Select(i => new JsonSeed(i))] : [];
        Text = Kind is JsonValueKind.Object or JsonValueKind.Array ? [] : Encoding.UTF8.GetBytes(element.GetRawText());
        Count = 1 + Members.Sum(m => m.Value.Count) + Items.Sum(i => i.Count);
    }

    public JsonValueKind Kind { get; }

    /// <summary>The text of a scalar.</summary>
    public byte[] Text { get; }

    public (byte[] Name, JsonSeed Value)[] Members { get; }

    public JsonSeed[] Items { get; }

    /// <summary>This part and all parts of it.</summary>
    public int Count { get; }

    public static JsonSeed Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new JsonSeed(document.RootElement);
    }

    public static byte[] Quote(string text) => JsonSerializer.SerializeToUtf8Bytes(text);

    /// <summary>The part with a number, counted from this one in the order of the text.</summary>
    public JsonSeed Part(int number)
    {
        if (number == 0)
        {
            return this;
        }

        number--;
        foreach (var child in Members.Select(m => m.Value).Concat(Items))
        {
            if (number < child.Count)
            {
                return child.Part(number);
            }

            number -= child.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(number));
    }
}
