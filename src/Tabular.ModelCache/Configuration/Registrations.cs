using Microsoft.Extensions.Configuration;

namespace Tabular.ModelCache.Configuration;

/// <summary>
/// What each call of <c>AddModelCache</c> had to say. Several calls are safe, but two that set the same thing differently are a mistake
/// that would otherwise depend on their order.
/// </summary>
internal sealed class Registrations
{
    private readonly List<Action<ModelCacheOptions>> _opinions = [];

    /// <summary>The section that was given; <see langword="null"/> binds the default one.</summary>
    public IConfiguration? Section { get; private set; }

    public string SectionPath => Section switch
    {
        IConfigurationSection { Path.Length: > 0 } section => section.Path,
        _ => ModelCacheOptions.SectionName,
    };

    public void Add(Action<ModelCacheOptions> configure) => _opinions.Add(configure);

    /// <exception cref="InvalidOperationException">Another section was given before.</exception>
    public void Add(IConfiguration configuration)
    {
        // The whole configuration is a common slip; the section in it is meant.
        var section = configuration is IConfigurationRoot root ? root.GetSection(ModelCacheOptions.SectionName) : configuration;
        if (Section is not null && PathOf(Section) != PathOf(section))
        {
            throw new InvalidOperationException(
                $"AddModelCache was called with the configuration section '{PathOf(Section)}' and with '{PathOf(section)}'; use one section.");
        }

        Section = section;
    }

    public void Apply(ModelCacheOptions options)
    {
        foreach (var opinion in _opinions)
        {
            opinion(options);
        }

        if (_opinions.Count > 1)
        {
            RemoveRepeatedModels(options);
            FindConflicts(options);
        }
    }

    private void FindConflicts(ModelCacheOptions options)
    {
        var defaults = Flatten(new ModelCacheOptions());
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var opinion in _opinions)
        {
            var alone = new ModelCacheOptions();
            opinion(alone);
            foreach (var (key, value) in Flatten(alone))
            {
                if (defaults.GetValueOrDefault(key) == value)
                {
                    continue;
                }

                if (said.TryGetValue(key, out var other) && other != value)
                {
                    options.Problems.Add($"AddModelCache was called more than once, with {SectionPath}:{key} = '{other}' and '{value}'; set it once.");
                }

                said[key] = value;
            }
        }
    }

    private static void RemoveRepeatedModels(ModelCacheOptions options)
    {
        var distinct = options.Models.DistinctBy(Describe).ToList();
        options.Models.Clear();
        distinct.ForEach(options.Models.Add);
    }

    private static Dictionary<string, string> Flatten(ModelCacheOptions options)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [nameof(options.MountPath)] = options.MountPath,
            [nameof(options.SharedVolumeEnabled)] = options.SharedVolumeEnabled?.ToString(),
            [nameof(options.Bucket)] = options.Bucket,
            [nameof(options.Prefix)] = options.Prefix,
            [nameof(options.UserProject)] = options.UserProject,
            [nameof(options.Verification)] = options.Verification?.ToString(),
            [nameof(options.PullWhenStale)] = options.PullWhenStale.ToString(),
            [nameof(options.FallbackToPreviousVersion)] = options.FallbackToPreviousVersion.ToString(),
            [nameof(options.FollowUpdates)] = options.FollowUpdates.ToString(),
            [nameof(options.FailureBehavior)] = options.FailureBehavior.ToString(),
            [nameof(options.StartupDeadline)] = options.StartupDeadline.ToString(),
            ["Lease:Ttl"] = options.Lease.Ttl?.ToString(),
            ["Lease:CommandWait"] = options.Lease.CommandWait.ToString(),
            ["Mount:AcceptedTypes"] = string.Join(',', options.Mount.AcceptedTypes),
            ["Mount:LagTimeout"] = options.Mount.LagTimeout.ToString(),
            ["Mount:ProbeTimeout"] = options.Mount.ProbeTimeout.ToString(),
            ["Mount:ProbeInterval"] = options.Mount.ProbeInterval.ToString(),
            ["Retention:Keep"] = options.Retention.Keep.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Retention:GracePeriod"] = options.Retention.GracePeriod.ToString(),
            ["Sources:HuggingFaceEndpoint"] = options.Sources.HuggingFaceEndpoint,
            ["Sources:OllamaProgram"] = options.Sources.OllamaProgram,
            ["Sources:AllowedHosts"] = string.Join(',', options.Sources.AllowedHosts),
            ["Signing:TrustedKeys"] = string.Join(',', options.Signing.TrustedKeys),
            ["Signing:KmsKey"] = options.Signing.KmsKey,
            ["Signing:KmsEndpoint"] = options.Signing.KmsEndpoint,
            ["Signing:MinimumSequence"] = options.Signing.MinimumSequence.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Signing:Policy"] = options.Signing.Policy?.ToString(),
        };
        foreach (var model in options.Models)
        {
            values[$"Models ({model.Name})"] = Describe(model);
        }

        return values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!, StringComparer.Ordinal);
    }

    private static string Describe(ModelOptions model) => string.Join(
        ' ', [model.Name, model.Kind, model.Source, model.Version, model.Digest, "allow", .. model.AllowPatterns, "ignore", .. model.IgnorePatterns]);

    private static string PathOf(IConfiguration configuration) =>
        configuration is IConfigurationSection { Path.Length: > 0 } section ? section.Path : ModelCacheOptions.SectionName;
}
