using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Configuration;

public sealed partial class ConfigurationReferenceTests
{
    private const string Page = "docs/configuration.md";
    private const string Update = "MODEL_CACHE_UPDATE_DOCS";
    private const string Begin = "<!-- From here on the page is written by ConfigurationReferenceTests. -->\n\n";

    public static TheoryData<string> Ranges =>
        [.. new ConfigurationReference().Settings().Where(s => Range().IsMatch(s.Allowed)).Select(s => s.Key)];

    [Fact]
    public void Page_Tables_AreThoseOfTheOptions()
    {
        var path = Repository.PathOf(Page);
        var parts = File.ReadAllText(path).Split(Begin);
        parts.Should().HaveCount(2, "{0} has the line '{1}'", Page, Begin.Trim());
        var written = new ConfigurationReference().Write().TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, parts[0] + Begin + written);
            return;
        }

        parts[1].Should().Be(written, "{0} is written from the options; run this test with {1}=1", Page, Update);
    }

    [Fact]
    public void Page_PlainVariables_AreThoseThatAreRead()
    {
        var fields = typeof(DeploymentVariables).GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
        var readers = ((string Variable, string Kind)[])fields.Single(f => f.FieldType.IsArray).GetValue(null)!;
        var known = fields.Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Concat(readers.Select(r => r.Variable));

        MarkdownTable.Read(Page, "Plain variables").Select(r => r["variable"]).Should().Contain(known);
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Page_Range_IsThatOfTheValidation(string key)
    {
        var (_, property, _, allowed) = new ConfigurationReference().Settings().Single(s => s.Key == key);
        var range = Range().Match(allowed).Groups;
        var (least, most) = (Value(property, range[1].Value, range[2].Value), Value(property, range[3].Value, range[4].Value));

        Validate(key, property, least).Should().BeNull();
        Validate(key, property, most).Should().BeNull();
        Validate(key, property, Beyond(least, -1)).Should().StartWith($"ModelCache:{key} is ");
        Validate(key, property, Beyond(most, 1)).Should().StartWith($"ModelCache:{key} is ");
    }

    private static string? Validate(string key, PropertyInfo property, object value)
    {
        var options = new ModelCacheOptions { MountPath = "/models" };
        options.Models.Add(new ModelOptions { Name = "demo", Kind = ModelKinds.Ollama, Source = "dir:///demo" });
        var owner = key.Split(':') is [var group, _] ? typeof(ModelCacheOptions).GetProperty(group)!.GetValue(options)! : options;
        property.SetValue(owner, value);
        ModelSourceRegistration[] sources = [new("dir", _ => throw new NotSupportedException())];
        return new ModelCacheOptionsFieldValidator(new SettingPath(ModelCacheOptions.SectionName), sources).Validate(null, options)
            is { Failed: true } failed ? failed.Failures.Single() : null;
    }

    private static object Value(PropertyInfo property, string number, string unit)
    {
        var value = int.Parse(number, CultureInfo.InvariantCulture);
        return property.PropertyType == typeof(int) ? value : unit.TrimEnd('s') switch
        {
            "millisecond" => TimeSpan.FromMilliseconds(value),
            "second" => TimeSpan.FromSeconds(value),
            "minute" => TimeSpan.FromMinutes(value),
            "hour" => TimeSpan.FromHours(value),
            "day" => TimeSpan.FromDays(value),
            "" when value == 0 => TimeSpan.Zero,
            _ => throw new InvalidOperationException($"{property.Name} is documented in '{unit}'."),
        };
    }

    private static object Beyond(object value, int step) => value is TimeSpan time ? time + TimeSpan.FromMilliseconds(step) : (int)value + step;

    [GeneratedRegex(@"^From (\d+)(?: ([a-z]+))?(?: \([^)]*\))? to (\d+)(?: ([a-z]+))?[.;]")]
    private static partial Regex Range();
}
