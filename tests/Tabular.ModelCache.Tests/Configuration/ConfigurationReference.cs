using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Tabular.ModelCache.Tests.Configuration;

/// <summary>Writes the tables of <c>docs/configuration.md</c> from the options, their defaults and their documentation.</summary>
internal sealed partial class ConfigurationReference
{
    private readonly Dictionary<string, XElement> _documentation = XDocument
        .Load(Path.ChangeExtension(typeof(ModelCacheOptions).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(m => m.Attribute("name")!.Value);

    public string Write()
    {
        var text = new StringBuilder();
        WriteGroup(text, "The cache", typeof(ModelCacheOptions), new ModelCacheOptions(), "");
        return text.ToString();
    }

    /// <summary>All settings that have a value of their own, by key below the section.</summary>
    public IEnumerable<(string Key, PropertyInfo Property, object Owner, string Allowed)> Settings() => Settings(typeof(ModelCacheOptions), new ModelCacheOptions(), "");

    private IEnumerable<(string Key, PropertyInfo Property, object Owner, string Allowed)> Settings(Type type, object owner, string prefix) =>
        type.GetProperties().SelectMany(p => NestedOf(p) is { } nested
            ? Settings(nested.Type, nested.Value ?? p.GetValue(owner)!, prefix + p.Name + nested.Suffix)
            : [(prefix + p.Name, p, owner, TextOf(p, "value"))]);

    private void WriteGroup(StringBuilder text, string title, Type type, object owner, string prefix)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
        if (prefix.Length > 0)
        {
            text.Append(Render(_documentation[$"T:{type.FullName}"].Element("summary"))).Append("\n\n");
        }

        text.Append("| key | environment variable | type | default | allowed, and when it is not set | meaning |\n|---|---|---|---|---|---|\n");
        var properties = type.GetProperties();
        foreach (var property in properties.Where(p => NestedOf(p) is null))
        {
            var key = $"{ModelCacheOptions.SectionName}:{prefix}{property.Name}{(IsList(property) ? ":0" : "")}";
            text.Append(
                CultureInfo.InvariantCulture,
                $"| `{key}` | `{key.Replace(":", "__", StringComparison.Ordinal)}` | {TypeOf(property)} | {DefaultOf(property, owner)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {TextOf(property, "value")} | {MeaningOf(property)} |\n");
        }

        text.Append('\n');
        foreach (var property in properties)
        {
            if (NestedOf(property) is { } nested)
            {
                var name = property.Name + nested.Suffix;
                WriteGroup(text, $"`{name.TrimEnd(':')}`", nested.Type, nested.Value ?? property.GetValue(owner)!, prefix + name);
            }
        }
    }

    /// <summary>A property that is a group of settings, or a list of such.</summary>
    private static (Type Type, object? Value, string Suffix)? NestedOf(PropertyInfo property) =>
        property.PropertyType == typeof(IList<ModelOptions>) ? (typeof(ModelOptions), new ModelOptions(), ":0:")
        : property.PropertyType.IsClass && property.PropertyType.Assembly == typeof(ModelCacheOptions).Assembly ? (property.PropertyType, null, ":")
        : null;

    private static bool IsList(PropertyInfo property) => property.PropertyType == typeof(IList<string>);

    private static string TypeOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(n => $"`{n}`"))
            : type == typeof(bool) ? "`true`, `false`"
            : type == typeof(TimeSpan) ? "`d.hh:mm:ss`"
            : type == typeof(string) ? "text"
            : IsList(property) ? "list of texts"
            : type == typeof(int) || type == typeof(long) ? "number"
            : throw new InvalidOperationException($"{property.Name} has the type {type}, which the reference does not know.");
    }

    private static string DefaultOf(PropertyInfo property, object owner) => property.GetValue(owner) switch
    {
        null => "-",
        bool value => value ? "`true`" : "`false`",
        IList { Count: 0 } => "empty",
        IFormattable value => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
        var value => throw new InvalidOperationException($"The default of {property.Name} is {value}, which the reference does not know."),
    };

    private string MeaningOf(PropertyInfo property)
    {
        var meaning = Lead().Replace(TextOf(property, "summary"), "");
        return char.ToUpperInvariant(meaning[0]) + meaning[1..];
    }

    private string TextOf(PropertyInfo property, string element)
    {
        var text = Render(_documentation[$"P:{property.DeclaringType!.FullName}.{property.Name}"].Element(element));
        return text.Length > 0 ? text : throw new InvalidOperationException($"{property.DeclaringType.Name}.{property.Name} has no <{element}>.");
    }

    private static string Render(XElement? element) => Space().Replace(
        string.Concat(element?.Nodes().Select(n => n switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => $"`{word.Value}`",
            XElement { Name.LocalName: "see" } see when see.Attribute("href") is { } address => address.Value,
            XElement { Name.LocalName: "see" } see => $"`{NameOf(see.Attribute("cref")!.Value)}`",
            XText plain => plain.Value,
            _ => throw new InvalidOperationException($"The reference does not know '{n}'."),
        }) ?? []),
        " ").Replace("|", "\\|", StringComparison.Ordinal).Trim();

    /// <summary>What a reference names: a number by its value, anything else by the last part of its name.</summary>
    private static string NameOf(string reference)
    {
        var parts = reference.Split(':')[1].Split('(')[0].Split('.');
        var type = typeof(ModelCacheOptions).Assembly.GetType(string.Join('.', parts[..^1]));
        return type is { IsEnum: false } && type.GetField(parts[^1]) is { IsLiteral: true } number ? $"{number.GetRawConstantValue()}" : parts[^1];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("^Gets (or sets )?")]
    private static partial Regex Lead();
}
