using Microsoft.Extensions.Options;
using Tabular.ModelCache;

namespace Tabular.Children;

/// <summary>Stops the start on settings that could never work, with the key to change.</summary>
internal sealed class ChildrenValidator(IOptions<ModelCacheOptions> cache) : IValidateOptions<ChildrenOptions>
{
    public ValidateOptionsResult Validate(string? name, ChildrenOptions options)
    {
        var failures = options.Children.SelectMany((child, i) => Check(child, $"{ChildrenOptions.Section}:{i}")).ToList();
        var twice = options.Children.CountBy(c => c.Name, StringComparer.OrdinalIgnoreCase).Where(c => c.Value > 1).Select(c => c.Key);
        failures.AddRange(twice.Select(n => $"{ChildrenOptions.Section} has the name '{n}' more than once; give each child a Name of its own."));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> Check(ChildOptions child, string key)
    {
        if (child.Name.Length == 0 || !child.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            yield return $"{key}:Name is '{child.Name}'; allowed are letters, digits, '.', '_' and '-'.";
        }

        if (child.Command.Length == 0)
        {
            yield return $"{key}:Command is missing; name a program, such as 'ollama' with the argument 'serve'.";
        }

        if (!cache.Value.Models.Any(m => string.Equals(m.Name, child.Model, StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"{key}:Model is '{child.Model}'; expected one of {string.Join(", ", cache.Value.Models.Select(m => m.Name))} (ModelCache:Models).";
        }

        if (child.ProbeUrl is { } url && !(url.IsAbsoluteUri && url.Scheme == Uri.UriSchemeHttp))
        {
            yield return $"{key}:ProbeUrl is '{url}'; expected is an address like http://127.0.0.1:11434/api/version.";
        }
    }
}
