using System.Text;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>Writes a valid text of fields with some of its fields and separators changed.</summary>
internal sealed class TextMutator(IReadOnlyList<byte[]> seeds, IReadOnlyList<string> words, Random random)
{
    private const int LongestRepeated = 100;
    private const string Separators = " \n/:@=,;\"-";

    private static readonly string[] Fields =
        ["", " ", "  ", "\n", "\r\n", "\0", "/", "//", "..", ".", "\\", "\\040", "\\777", "\t", "\u2028", "\ud7ff", "%2e%2e", "%", "é", "a", "-", "@", ":", "0", "-1", "99999999999999999999"];

    public byte[] Next()
    {
        var fields = Split(Encoding.UTF8.GetString(seeds[random.Next(seeds.Count)]));
        for (var changes = random.Next(1, 5); changes > 0 && fields.Count > 0; changes--)
        {
            Change(fields);
        }

        return Encoding.UTF8.GetBytes(string.Concat(fields));
    }

    private void Change(List<string> fields)
    {
        var at = random.Next(fields.Count);
        var count = Math.Min(random.Next(1, 12), fields.Count - at);
        switch (random.Next(8))
        {
            case 0:
                fields.RemoveRange(at, count);
                break;
            case 1:
                fields.InsertRange(random.Next(fields.Count), fields.GetRange(at, count));
                break;
            case 2:
                var other = random.Next(fields.Count);
                (fields[at], fields[other]) = (fields[other], fields[at]);
                break;
            case 3:
                fields[at] = Other();
                break;
            case 4:
                fields.Insert(at, Other());
                break;
            case 5 when fields[at].Length < LongestRepeated:
                fields[at] = string.Concat(Enumerable.Repeat(fields[at], random.Next(2, random.Next(20) == 0 ? 2000 : 40)));
                break;
            case 6:
                fields[at] = random.Next(2) == 0 ? fields[at].ToUpperInvariant() : fields[at] + Other();
                break;
            default:
                fields[at] = new string((char)random.Next(1, 0x300), random.Next(1, 300));
                break;
        }
    }

    private string Other()
    {
        var all = random.Next(2) == 0 && words.Count > 0 ? words : Fields;
        return all[random.Next(all.Count)];
    }

    private static List<string> Split(string text)
    {
        var fields = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (Separators.Contains(text[i], StringComparison.Ordinal))
            {
                fields.Add(text[start..i]);
                fields.Add(text[i..(i + 1)]);
                start = i + 1;
            }
        }

        fields.Add(text[start..]);
        return fields;
    }
}
