using System.Text.Json;
using System.Text.Unicode;

namespace Tabular.ModelCache.Manifests;

/// <summary>
/// Looks through a document before it is parsed. A byte or two (<c>1,</c>) make a parser allocate a hundred, so that the size in bytes does
/// not bound its memory; and a parser takes texts that it cannot write again. Looking takes some milliseconds for a megabyte.
/// </summary>
internal static class JsonTokens
{
    /// <summary>What no document may have that is kept or was signed.</summary>
    /// <returns>
    /// The rule that is broken, to be read after the name of the document; <see langword="null"/> when there is none. What is not JSON is
    /// left to the parser, which gets no further than this.
    /// </returns>
    public static string? FindProblem(int most, ReadOnlySpan<byte> json, int mostDepth)
    {
        if (!Utf8.IsValid(json))
        {
            return "it is not UTF-8";
        }

        try
        {
            return AreAtMost(most, json, mostDepth, readsEscapes: true) ? null : $"it has more than {most} values, more than any real one";
        }
        catch (InvalidOperationException)
        {
            return "it has a text that is not well-formed Unicode";
        }
    }

    /// <summary>Whether it has at most so many tokens.</summary>
    public static bool AreAtMost(int most, ReadOnlySpan<byte> json, int mostDepth) => AreAtMost(most, json, mostDepth, readsEscapes: false);

    private static bool AreAtMost(int most, ReadOnlySpan<byte> json, int mostDepth, bool readsEscapes)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = mostDepth });
        try
        {
            while (reader.Read())
            {
                if (--most < 0)
                {
                    return false;
                }

                if (readsEscapes && reader.ValueIsEscaped)
                {
                    // Half of a surrogate pair can be escaped, but is no text.
                    reader.GetString();
                }
            }
        }
        catch (JsonException)
        {
            return true;
        }

        return true;
    }
}
