using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>What an error answer says, whatever its form: JSON, XML, HTML, plain text, or nothing.</summary>
/// <param name="Reason">Google's machine-readable reason, where there is one: <c>conditionNotMet</c>.</param>
/// <param name="Message">One line for people; empty where there is none.</param>
internal sealed record StorageErrorBody(string? Reason, string Message)
{
    /// <summary>The most of an error's body that is read.</summary>
    public const int MaximumLength = 64 * 1024;

    private const int MaximumMessage = 300;

    public static StorageErrorBody Empty { get; } = new(null, "");

    /// <summary>The canonical code of newer services: <c>FAILED_PRECONDITION</c> (<see href="https://cloud.google.com/apis/design/errors"/>).</summary>
    public string? Code { get; init; }

    /// <summary>All of it in a few words, to stand in parentheses.</summary>
    public string Describe(int status)
    {
        var reason = (Reason ?? Code) is { } r ? $" {r}" : "";
        var message = Message.Length > 0 ? $": {Message.TrimEnd('.')}" : "";
        return $"{status}{reason}{message}";
    }

    public static StorageErrorBody Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return Empty;
        }

        try
        {
            var error = JsonSerializer.Deserialize(body, StorageJsonContext.Default.ErrorResource)?.Error;
            if (error is not null)
            {
                var first = error.Errors?.FirstOrDefault(e => e is not null);
                return new(first?.Reason, OneLine(error.Message ?? first?.Message ?? "")) { Code = error.Status is { } code ? OneLine(code) : null };
            }
        }
        catch (JsonException)
        {
            // Not the JSON API's form: an upload answers plain text, a proxy HTML, the XML API XML.
        }

        var text = Encoding.UTF8.GetString(body);
        return text.AsSpan().TrimStart().StartsWith("<", StringComparison.Ordinal)
            ? new(Element(text, "Code"), OneLine(Element(text, "Message") ?? Element(text, "title") ?? "an HTML page"))
            : new(null, OneLine(text));
    }

    private static string? Element(string text, string name)
    {
        var start = text.IndexOf($"<{name}>", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        start += name.Length + 2;
        var end = text.IndexOf("</", start, StringComparison.Ordinal);
        return end < 0 ? null : text[start..end];
    }

    private static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaximumMessage));
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            line.Append(line.Length == 0 ? "" : " ").Append(word);
            if (line.Length > MaximumMessage)
            {
                line.Length = MaximumMessage;
                line.Append("...");
                break;
            }
        }

        // A word may be anything: nothing in it may forge a line of a log.
        for (var i = 0; i < line.Length; i++)
        {
            if (char.IsControl(line[i]))
            {
                line[i] = '?';
            }
        }

        return line.ToString();
    }
}
