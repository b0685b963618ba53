using System.Text;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>Makes the inputs of a target. An input depends on the seed of the run and its number alone, so that each can be made again.</summary>
internal sealed class FuzzInputs(FuzzTarget target, int seed)
{
    private static readonly byte[][] Sequences =
    [
        [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xef, 0xbb, 0xbf], [0], "\\ud800"u8.ToArray(), "[[[[[[[[[[[[[[[[[["u8.ToArray(),
        "\""u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), ","u8.ToArray(), "1e999"u8.ToArray(), "../"u8.ToArray(), "\n"u8.ToArray(), "null"u8.ToArray(),
    ];

    private readonly JsonSeed[] _trees = target.IsJson ? [.. target.Seeds.Select(JsonSeed.Parse)] : [];

    public byte[] Make(int number)
    {
        var random = new Random(unchecked((seed * 486_187_739) + number));
        var kind = random.Next(100);
        var bytes = kind switch
        {
            < 65 => ByGrammar(random),
            < 85 => Pick(random),
            < 92 => Spliced(random),
            < 96 => OfWords(random),
            _ => Noise(random),
        };
        bytes = kind is >= 65 and < 92 || random.Next(5) == 0 ? ChangeBytes(bytes, random) : bytes;
        return bytes.Length <= target.MaxBytes ? bytes : bytes[..target.MaxBytes];
    }

    private byte[] ByGrammar(Random random) =>
        target.IsJson ? new JsonMutator(_trees, target.Words, random).Next() : new TextMutator(target.Seeds, target.Words, random).Next();

    private byte[] Pick(Random random) => target.Seeds[random.Next(target.Seeds.Count)];

    private byte[] Spliced(Random random)
    {
        var (head, tail) = (Pick(random), Pick(random));
        return [.. head.AsSpan(0, random.Next(head.Length + 1)), .. tail.AsSpan(random.Next(tail.Length + 1))];
    }

    private byte[] OfWords(Random random)
    {
        var bytes = new List<byte>();
        for (var count = random.Next(1, 30); count > 0; count--)
        {
            bytes.AddRange(target.Words.Count > 0 && random.Next(2) == 0
                ? Encoding.UTF8.GetBytes(target.Words[random.Next(target.Words.Count)])
                : Sequences[random.Next(Sequences.Length)]);
        }

        return [.. bytes];
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(random.Next(20) == 0 ? 4096 : 64)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] ChangeBytes(byte[] valid, Random random)
    {
        var bytes = valid.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)));
                    break;
                case 4:
                    bytes.InsertRange(at, Sequences[random.Next(Sequences.Length)]);
                    break;
                case 5:
                    bytes[at] = (byte)"0\"\\/{}[]:, \n"[random.Next(12)];
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
