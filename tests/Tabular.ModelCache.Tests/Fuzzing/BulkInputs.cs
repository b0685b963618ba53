using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>
/// Inputs as large as a target may be given, each made when it is called, of one thing over and over: what a few bytes cost is paid many
/// times.
/// </summary>
internal static class BulkInputs
{
    private static readonly string[] Items = ["1", "{}", "[]", "null", "\"\"", "\"\\u0041\"", "{\"a\":1}", "[[[[]]]]"];
    private static readonly string[] Lines = ["\n", " ", "a", "/", "\\040", "é", "a=\"b\",", "- ", "a/"];

    public static IEnumerable<Func<byte[]>> Make(FuzzTarget target)
    {
        foreach (var seed in target.Seeds)
        {
            foreach (var input in target.IsJson ? MakeJson(seed, target.MaxBytes) : MakeText(seed, target.MaxBytes))
            {
                yield return input;
            }
        }
    }

    private static IEnumerable<Func<byte[]>> MakeText(byte[] seed, int most) =>
        Lines.Select(Encoding.UTF8.GetBytes).Append(seed)
            .Concat(Encoding.UTF8.GetString(seed).Split('\n').Distinct().Select(l => Encoding.UTF8.GetBytes(l + "\n")))
            .Select(unit => (Func<byte[]>)(() => Fill(seed, unit, [], most)))
            .Append(() => Fill([], Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(seed).Split('\n')[0] + " "), [], most));

    /// <summary>In place of each part: many small values, and one long one. And each array with copies of its first item.</summary>
    private static IEnumerable<Func<byte[]>> MakeJson(byte[] seed, int most)
    {
        var tree = JsonSeed.Parse(seed);
        for (var number = 0; number < tree.Count; number++)
        {
            var part = tree.Part(number);
            var (head, tail) = Around(tree, number);
            if (part.Kind == JsonValueKind.Array && part.Items.Length > 0)
            {
                yield return () => Fill([.. head, (byte)'['], [.. FirstItem(part), (byte)','], [.. FirstItem(part), (byte)']', .. tail], most);
            }

            if (part.Kind is not (JsonValueKind.Array or JsonValueKind.Object) && number % 4 != 0)
            {
                continue;
            }

            foreach (var value in Items)
            {
                yield return () => Fill([.. head, (byte)'['], Encoding.UTF8.GetBytes(value + ","), [.. Encoding.UTF8.GetBytes(value), (byte)']', .. tail], most);
            }

            yield return () => Fill([.. head, (byte)'"'], "a"u8, [(byte)'"', .. tail], most);
            yield return () => Fill([.. head, (byte)'"'], "\\n"u8, [(byte)'"', .. tail], most);
            yield return () => Members(head, tail, most);
        }
    }

    private static byte[] Members(byte[] head, byte[] tail, int most)
    {
        var bytes = new MemoryStream(most);
        bytes.Write(head);
        bytes.WriteByte((byte)'{');
        for (var i = 0; bytes.Length < most - tail.Length - 40; i++)
        {
            bytes.Write(Encoding.UTF8.GetBytes($"{(i == 0 ? "" : ",")}\"{i}\":1"));
        }

        bytes.WriteByte((byte)'}');
        bytes.Write(tail);
        return bytes.ToArray();
    }

    private static byte[] FirstItem(JsonSeed array) => Around(array, 1, withPart: true).Head[1..];

    /// <summary>The text before and after a part.</summary>
    private static (byte[] Head, byte[] Tail) Around(JsonSeed tree, int number, bool withPart = false)
    {
        var text = new MemoryStream();
        var (start, end, next) = (0L, 0L, 0);
        Write(tree);
        var all = text.ToArray();
        return (all[..(int)(withPart ? end : start)], all[(int)end..]);

        void Write(JsonSeed part)
        {
            var isWanted = next++ == number;
            start = isWanted ? text.Length : start;
            text.Write(part.Text);
            if (part.Kind is JsonValueKind.Object or JsonValueKind.Array)
            {
                text.WriteByte((byte)(part.Kind == JsonValueKind.Object ? '{' : '['));
                var isFirst = true;
                foreach (var (name, value) in part.Members.Concat(part.Items.Select(i => (Name: Array.Empty<byte>(), Value: i))))
                {
                    text.Write(isFirst ? [] : ","u8);
                    text.Write(name.Length == 0 ? [] : [.. name, (byte)':']);
                    isFirst = false;
                    Write(value);
                }

                text.WriteByte((byte)(part.Kind == JsonValueKind.Object ? '}' : ']'));
            }

            end = isWanted ? text.Length : end;
        }
    }

    private static byte[] Fill(ReadOnlySpan<byte> head, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> tail, int most)
    {
        var count = Math.Max(0, (most - head.Length - tail.Length) / Math.Max(1, unit.Length));
        var bytes = new byte[head.Length + (count * unit.Length) + tail.Length];
        head.CopyTo(bytes);
        for (var i = 0; i < count; i++)
        {
            unit.CopyTo(bytes.AsSpan(head.Length + (i * unit.Length)));
        }

        tail.CopyTo(bytes.AsSpan(bytes.Length - tail.Length));
        return bytes;
    }
}
