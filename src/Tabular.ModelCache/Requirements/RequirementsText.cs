using System.Text;

namespace Tabular.ModelCache.Requirements;

/// <summary>The text of a requirements file, decoded as pip does: byte order mark, else the comment of PEP 263, else UTF-8.</summary>
internal static class RequirementsText
{
    // Python's names where they differ from those of .NET. Whatever else is not known here has ASCII in the lower half, as all of pip's syntax does.
    private const string Latin1 = "iso-8859-1";

    private static readonly Encoding[] WithMark =
    [
        new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true), new UTF32Encoding(true, true),
    ];

    public static string Decode(byte[] bytes)
    {
        foreach (var encoding in WithMark)
        {
            var mark = encoding.GetPreamble();
            if (bytes.Length >= mark.Length && bytes.Take(mark.Length).SequenceEqual(mark))
            {
                return encoding.GetString(bytes, mark.Length, bytes.Length - mark.Length);
            }
        }

        var latin = Encoding.GetEncoding(Latin1);
        if (Declared(bytes, latin) is { } declared)
        {
            return declared.GetString(bytes);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return latin.GetString(bytes);
        }
    }

    private static Encoding? Declared(byte[] bytes, Encoding latin)
    {
        const string Word = "coding";
        var start = 0;
        for (var line = 0; line < 2 && start < bytes.Length; line++)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            end = end < 0 ? bytes.Length : end;
            var text = latin.GetString(bytes, start, end - start);
            start = end + 1;
            var at = text.IndexOf(Word, StringComparison.Ordinal) + Word.Length;
            if (text is ['#', ..] && at >= Word.Length && at < text.Length && text[at] is ':' or '=')
            {
                var name = text[(at + 1)..].TrimStart();
                name = name[..name.TakeWhile(c => c is '-' or '_' or '.' || char.IsLetterOrDigit(c)).Count()];
                return name.Length == 0 ? null : ByName(name.ToLowerInvariant(), latin);
            }
        }

        return null;
    }

    private static Encoding ByName(string name, Encoding latin)
    {
        if (name is "utf-8" or "utf8" or "utf_8" or "utf-8-sig")
        {
            return new UTF8Encoding(false);
        }

        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return latin;
        }
    }
}
