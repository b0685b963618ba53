using System.Text.Json;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Signing;

/// <summary>JSON as a signed document must be: bounded, valid UTF-8 without a byte order mark, no duplicate members, no deep nesting.</summary>
internal static class StrictJson
{
    // A bundle is 4 deep, a statement 5; annotations of other tools may nest a little.
    private const int MostDepth = 16;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = MostDepth,
    };

    /// <exception cref="FormatException">The bytes are not such JSON; the message is to be read after the name of the document.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, int mostBytes, int mostTokens)
    {
        if (bytes.Length > mostBytes)
        {
            throw new FormatException($"it has {bytes.Length} bytes; expected are at most {mostBytes}");
        }

        if (JsonTokens.FindProblem(mostTokens, bytes.Span, MostDepth) is { } problem)
        {
            throw new FormatException(problem);
        }

        try
        {
            return JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not valid JSON (line {e.LineNumber + 1}): expected is one document without duplicate members", e);
        }
        catch (InvalidOperationException e)
        {
            // The check for duplicates unescapes names, and a name may have half of a surrogate pair.
            throw new FormatException("it has a member whose name is not well-formed Unicode", e);
        }
    }
}
