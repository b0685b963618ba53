namespace Tabular.ModelCache.Operations;

/// <summary>The environment of readers: the answer of <c>model-cache env</c>.</summary>
public sealed record EnvironmentReport
{
    /// <summary>Gets the models, in the order of the configuration.</summary>
    public required IReadOnlyList<EnvironmentResult> Models { get; init; }

    /// <summary>Gets the variables that all models together need.</summary>
    /// <returns>The variables by name.</returns>
    /// <exception cref="ModelCacheException">Two models need different values of one variable, as any two of one kind do.</exception>
    public IReadOnlyDictionary<string, string> Merge()
    {
        var owners = new Dictionary<string, EnvironmentResult>(StringComparer.Ordinal);
        foreach (var model in Models)
        {
            foreach (var (name, value) in model.Variables)
            {
                if (owners.TryGetValue(name, out var other) && other.Variables[name] != value)
                {
                    throw new ModelCacheException(
                        $"The models '{other.Name}' and '{model.Name}' need different values of {name}; a process can read one of them: name it with --model.")
                    {
                        ExitCode = ModelCacheExitCodes.Usage,
                    };
                }

                owners[name] = model;
            }
        }

        return owners.ToDictionary(o => o.Key, o => o.Value.Variables[o.Key], StringComparer.Ordinal);
    }
}
