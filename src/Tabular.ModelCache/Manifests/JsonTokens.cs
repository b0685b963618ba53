using System.Text.Json;

namespace Tabular.ModelCache.Manifests;

/// <summary>
/// Counts the tokens of a document before it is parsed: a byte or two (<c>1,</c>) make a parser allocate a hundred, so that the size in
/// bytes does not bound its memory. Counting allocates nothing and takes a millisecond for a megabyte.
/// </summary>
internal static class JsonTokens
{
    /// <returns>Whether it has at most so many tokens. What is not JSON is left to the parser to tell, which gets no further than this.</returns>
    public static bool AreAtMost(int most, ReadOnlySpan<byte> json, int mostDepth)
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
            }
        }
        catch (JsonException)
        {
            return true;
        }

        return true;
    }
}
