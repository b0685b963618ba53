using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>Writes a valid document with some of its parts changed, most of them so that the result is still JSON.</summary>
internal sealed class JsonMutator(IReadOnlyList<JsonSeed> seeds, IReadOnlyList<string> words, Random random)
{
    private static readonly JsonChange[] Changes = Enum.GetValues<JsonChange>();

    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "1.5", "1e3", "1e999", "-1e-999", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "18446744073709551616", "00", "+1", "NaN", "1e", new string('9', 400), "0." + new string('0', 400) + "1",
    ];

    private static readonly string[] RawStrings =
    [
        "\"\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x\"", "\"", "\"\n\"", "\"\u2028\"", "\"\ufeff\"", "\"../../x\"", "\"/etc/passwd\"",
        "\"a//b\"", "\".\"", "\"a\\\\b\"", "\"A/B\"", "\"e\u0301\"", "\"\u00e9\"",
    ];

    private static readonly string[] OtherTypes = ["null", "true", "false", "0", "\"\"", "[]", "{}", "[null]", "{\"\":null}", "tru", ""];

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Dictionary<int, JsonChange> _plan = [];
    private int _next;

    public byte[] Next()
    {
        var seed = seeds[random.Next(seeds.Count)];
        _output.ResetWrittenCount();
        _plan.Clear();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            _plan[random.Next(seed.Count)] = Changes[random.Next(Changes.Length)];
        }

        _next = 0;
        Write(seed);
        return _output.WrittenSpan.ToArray();
    }

    private void Write(JsonSeed part)
    {
        if (_plan.TryGetValue(_next, out var change) && change is not (JsonChange.Delete or JsonChange.Duplicate or JsonChange.Rename or JsonChange.Repeat))
        {
            _next += part.Count;
            WriteChanged(part, change);
            return;
        }

        _next++;
        switch (part.Kind)
        {
            case JsonValueKind.Object:
                WriteObject(part);
                break;
            case JsonValueKind.Array:
                WriteArray(part);
                break;
            default:
                _output.Write(part.Text);
                break;
        }
    }

    private void WriteObject(JsonSeed part)
    {
        Add("{");
        var isFirst = true;
        foreach (var (name, value) in part.Members)
        {
            var copies = Copies();
            if (copies == 0)
            {
                _next += value.Count;
                continue;
            }

            var isRenamed = _plan.GetValueOrDefault(_next, JsonChange.Word) == JsonChange.Rename;
            var at = _next;
            for (var i = 0; i < copies; i++)
            {
                _next = at;
                Separate(ref isFirst);
                _output.Write(isRenamed ? OtherName(part) : name);
                Add(":");
                Write(value);
            }
        }

        Add("}");
    }

    private void WriteArray(JsonSeed part)
    {
        Add("[");
        var isFirst = true;
        foreach (var item in part.Items)
        {
            var at = _next;
            var copies = Copies();
            _next = copies == 0 ? at + item.Count : at;
            for (var i = 0; i < copies; i++)
            {
                _next = at;
                Separate(ref isFirst);
                Write(item);
            }
        }

        Add("]");
    }

    private int Copies() => !_plan.TryGetValue(_next, out var change) ? 1 : change switch
    {
        JsonChange.Delete => 0,
        JsonChange.Duplicate => 2,
        JsonChange.Repeat => random.Next(2, 60),
        _ => 1,
    };

    private void WriteChanged(JsonSeed part, JsonChange change)
    {
        switch (change)
        {
            case JsonChange.Number:
                Add(Numbers[random.Next(Numbers.Length)]);
                break;
            case JsonChange.Word when words.Count > 0:
                _output.Write(JsonSeed.Quote(words[random.Next(words.Count)]));
                break;
            case JsonChange.RawString:
                Add(RawStrings[random.Next(RawStrings.Length)]);
                break;
            case JsonChange.Long:
                Add($"\"{new string("a/\u00e9"[random.Next(3)], random.Next(10) == 0 ? 70_000 : random.Next(60, 1100))}\"");
                break;
            case JsonChange.Nest:
                WriteNested(part);
                break;
            case JsonChange.Splice:
                var other = seeds[random.Next(seeds.Count)];
                WritePlain(other.Part(random.Next(other.Count)));
                break;
            case JsonChange.More when part.Kind == JsonValueKind.Object:
                WriteWithMore(part);
                break;
            default:
                Add(OtherTypes[random.Next(OtherTypes.Length)]);
                break;
        }
    }

    private void WriteNested(JsonSeed part)
    {
        var depth = random.Next(20) == 0 ? 3000 : random.Next(1, 70);
        var isArray = random.Next(2) == 0;
        for (var i = 0; i < depth; i++)
        {
            Add(isArray ? "[" : "{\"a\":");
        }

        WritePlain(part);
        for (var i = 0; i < depth; i++)
        {
            Add(isArray ? "]" : "}");
        }
    }

    /// <summary>Members that nobody knows, before those that are known.</summary>
    private void WriteWithMore(JsonSeed part)
    {
        Add("{");
        var isFirst = true;
        for (var more = random.Next(1, 5); more > 0; more--)
        {
            Separate(ref isFirst);
            _output.Write(JsonSeed.Quote($"unknown{(random.Next(8) == 0 ? 0 : more)}"));
            Add(":");
            Add(OtherTypes[random.Next(OtherTypes.Length - 2)]);
        }

        foreach (var (name, value) in part.Members)
        {
            Separate(ref isFirst);
            _output.Write(name);
            Add(":");
            WritePlain(value);
        }

        Add("}");
    }

    private void WritePlain(JsonSeed part)
    {
        var (plan, next) = (new Dictionary<int, JsonChange>(_plan), _next);
        _plan.Clear();
        Write(part);
        _next = next;
        foreach (var (at, change) in plan)
        {
            _plan[at] = change;
        }
    }

    private byte[] OtherName(JsonSeed part) => random.Next(3) switch
    {
        0 => part.Members[random.Next(part.Members.Length)].Name,
        1 when words.Count > 0 => JsonSeed.Quote(words[random.Next(words.Count)]),
        _ => Encoding.UTF8.GetBytes(RawStrings[random.Next(RawStrings.Length)]),
    };

    private void Separate(ref bool isFirst)
    {
        Add(isFirst ? "" : ",");
        isFirst = false;
    }

    private void Add(string text) => Encoding.UTF8.GetBytes(text, _output);
}
