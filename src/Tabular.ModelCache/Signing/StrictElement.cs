using System.Text.Json;

namespace Tabular.ModelCache.Signing;

/// <summary>A part of a document that was signed or carries a signature; every access says what it expects.</summary>
/// <param name="Value">The part.</param>
/// <param name="Place">Where it stands; <see langword="null"/> for the whole.</param>
internal readonly record struct StrictElement(JsonElement Value, StrictPath? Place)
{
    /// <summary>Where it stands, for messages; empty for the whole.</summary>
    public string Path => Place?.ToString() ?? "";

    /// <exception cref="FormatException">It is not an object with this member.</exception>
    public StrictElement Member(string name) => Optional(name) ?? throw new FormatException($"{new StrictPath(Place, name, 0)} is missing");

    /// <returns>The member; <see langword="null"/> when it is absent or null.</returns>
    /// <exception cref="FormatException">It is not an object.</exception>
    public StrictElement? Optional(string name)
    {
        Expect(JsonValueKind.Object, "an object");
        return Value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? new StrictElement(member, new StrictPath(Place, name, 0)) : null;
    }

    /// <exception cref="FormatException">It is not an object, or has another member.</exception>
    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        Expect(JsonValueKind.Object, "an object");
        foreach (var member in Value.EnumerateObject())
        {
            var known = false;
            foreach (var name in names)
            {
                known |= member.NameEquals(name);
            }

            if (!known)
            {
                throw new FormatException($"{Path} has a member that does not belong there; allowed are {string.Join(", ", names!)}");
            }
        }
    }

    /// <exception cref="FormatException">It is not a string of well-formed Unicode, or too long.</exception>
    public string Text(int most = 1024)
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            var text = Value.GetString()!;
            return text.Length <= most ? text : throw new FormatException($"{Path} has {text.Length} characters; allowed are {most}");
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"{Path} is not well-formed Unicode", e);
        }
    }

    /// <exception cref="FormatException">It is another string, or none.</exception>
    public void ExpectText(string expected)
    {
        var found = Text();
        if (found != expected)
        {
            throw new FormatException($"{Path} is '{Printable(found)}'; expected is '{expected}'");
        }
    }

    /// <exception cref="FormatException">It is not the standard base64 of at most so many bytes.</exception>
    public byte[] Base64(int most)
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            return Value.TryGetBytesFromBase64(out var bytes) && bytes.Length <= most
                ? bytes
                : throw new FormatException($"{Path} is not the standard base64 of at most {most} bytes");
        }
        catch (InvalidOperationException e)
        {
            // An escaped half of a surrogate pair is no base64 either.
            throw new FormatException($"{Path} is not well-formed Unicode", e);
        }
    }

    /// <exception cref="FormatException">It is neither true nor false.</exception>
    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? Value.GetBoolean()
        : throw new FormatException($"{Path} is not true or false");

    /// <exception cref="FormatException">It is not a whole number from 0.</exception>
    public long Count() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out var number) && number >= 0
        ? number
        : throw new FormatException($"{Path} is not a whole number from 0");

    /// <exception cref="FormatException">It is not an array, or has too few or too many items.</exception>
    public IEnumerable<StrictElement> Items(int least, int most)
    {
        Expect(JsonValueKind.Array, "an array");
        var count = Value.GetArrayLength();
        if (count < least || count > most)
        {
            throw new FormatException($"{Path} has {count} items; expected are {(least == most ? $"{least}" : $"{least} to {most}")}");
        }

        var place = Place;
        return Value.EnumerateArray().Select((item, i) => new StrictElement(item, new StrictPath(place, null, i)));
    }

    public static string Printable(string text) =>
        string.Concat(text.Take(100).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private void Expect(JsonValueKind kind, string what)
    {
        if (Value.ValueKind != kind)
        {
            throw new FormatException($"{(Path.Length == 0 ? "it" : Path)} is not {what}");
        }
    }
}
