namespace Tabular.ModelCache.Requirements;

/// <summary>The options of a line, read as pip's parser (<c>optparse</c>) reads them: long names may be shortened, values may be joined.</summary>
internal sealed class PipOptions
{
    public const string IndexUrl = "--index-url";
    public const string ExtraIndexUrl = "--extra-index-url";
    public const string NoIndex = "--no-index";
    public const string FindLinks = "--find-links";
    public const string Requirement = "--requirement";
    public const string Constraint = "--constraint";
    public const string Editable = "--editable";
    public const string Hash = "--hash";
    public const string ConfigSettings = "--config-settings";
    public const string GlobalOption = "--global-option";

    // An older name of --index-url.
    private const string PypiUrl = "--pypi-url";

    private static readonly string[] Switches = [NoIndex, "--prefer-binary", "--require-hashes", "--pre"];

    private static readonly string[] WithValue =
    [
        IndexUrl, PypiUrl, ExtraIndexUrl, FindLinks, Requirement, Constraint, Editable, Hash, ConfigSettings, GlobalOption,
        "--no-binary", "--only-binary", "--trusted-host", "--use-feature",
    ];

    private readonly List<PipOption> _options = [];
    private readonly List<OptionWord> _words = [];

    private PipOptions()
    {
    }

    public IReadOnlyList<PipOption> All => _options;

    /// <summary>Gets the words that belong to no option. pip drops them.</summary>
    public IReadOnlyList<OptionWord> Words => _words;

    /// <summary>Gets why pip refuses the options; <see langword="null"/> when it does not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads options.</summary>
    /// <param name="text">The line from its first option on.</param>
    /// <param name="offset">Where that starts in the line.</param>
    public static PipOptions Parse(string text, int offset)
    {
        var result = new PipOptions();
        if (ShellWords.TrySplit(text, offset) is not { } words)
        {
            result.Problem = "a quote is not closed";
            return result;
        }

        for (var i = 0; i < words.Count && result.Problem is null; i++)
        {
            var word = words[i].Text;
            if (word == "--")
            {
                result._words.AddRange(words.Skip(i + 1));
                break;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                result._words.Add(words[i]);
            }
            else if (word[1] == '-')
            {
                result.AddLong(word, words, ref i, words[i].Offset);
            }
            else
            {
                result.AddShort(word, words, ref i, words[i].Offset);
            }
        }

        return result;
    }

    public IEnumerable<PipOption> Named(string name) => _options.Where(o => o.Name == name);

    public bool Has(string name) => Named(name).Any();

    private static string? ShortName(char letter) => letter switch
    {
        'i' => IndexUrl,
        'f' => FindLinks,
        'r' => Requirement,
        'c' => Constraint,
        'e' => Editable,
        'C' => ConfigSettings,
        _ => null,
    };

    private void AddLong(string word, IReadOnlyList<OptionWord> words, ref int index, int offset)
    {
        var equals = word.IndexOf('=');
        var written = equals < 0 ? word : word[..equals];
        var name = FullName(written);
        if (name is null)
        {
            return;
        }

        if (!Switches.Contains(name))
        {
            Add(name, equals < 0 ? Next(words, ref index) : word[(equals + 1)..], offset);
        }
        else if (equals >= 0)
        {
            Problem = $"{name} takes no value";
        }
        else
        {
            Add(name, "", offset);
        }
    }

    private string? FullName(string written)
    {
        if (WithValue.Contains(written) || Switches.Contains(written))
        {
            return written;
        }

        var names = Switches.Concat(WithValue).Where(o => o.StartsWith(written, StringComparison.Ordinal)).ToList();
        if (names.Count == 1)
        {
            return names[0];
        }

        Problem = names.Count == 0 ? $"there is no option {NameIn(written)}" : $"{written} can mean {string.Join(" and ", names)}";
        return null;
    }

    // What is glued to a name may be a URL with a password.
    private static string NameIn(string written)
    {
        var length = written.TakeWhile(c => c == '-' || char.IsLetterOrDigit(c)).Count();
        return length == written.Length ? written : written[..length] + "...";
    }

    private void AddShort(string word, IReadOnlyList<OptionWord> words, ref int index, int offset)
    {
        if (ShortName(word[1]) is { } name)
        {
            Add(name, word.Length > 2 ? word[2..] : Next(words, ref index), offset);
        }
        else
        {
            Problem = $"there is no option -{word[1]}";
        }
    }

    private static string? Next(IReadOnlyList<OptionWord> words, ref int index) => index + 1 < words.Count ? words[++index].Text : null;

    private void Add(string name, string? value, int offset)
    {
        if (value is null)
        {
            Problem = $"{name} needs a value";
        }
        else if (name == Hash && !IsHash(value))
        {
            Problem = $"{Hash} needs sha256:, sha384: or sha512: and the digest";
        }
        else if (name == ConfigSettings && !value.Contains('='))
        {
            Problem = $"{ConfigSettings} needs KEY=VALUE";
        }
        else
        {
            _options.Add(new PipOption(name == PypiUrl ? IndexUrl : name, value, offset));
        }
    }

    private static bool IsHash(string value) => value.Split([':'], 2) is ["sha256" or "sha384" or "sha512", _];
}
