using Microsoft.Extensions.Options;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Configuration;

/// <summary>Checks each setting by itself; every message has the configuration path, the value and what is allowed.</summary>
internal sealed class ModelCacheOptionsFieldValidator(SettingPath path, IEnumerable<ModelSourceRegistration> sources)
    : IValidateOptions<ModelCacheOptions>
{
    private readonly string[] _schemes = [.. sources.Select(s => s.Scheme)];

    public ValidateOptionsResult Validate(string? name, ModelCacheOptions options)
    {
        var errors = new List<string>(options.Problems);
        var lease = options.Lease;
        var mount = options.Mount;
        var retention = options.Retention;

        CheckRange(errors, "StartupDeadline", options.StartupDeadline, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        CheckRange(errors, "Lease:Ttl", lease.Ttl ?? TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(10));
        CheckRange(errors, "Lease:CommandWait", lease.CommandWait, TimeSpan.Zero, TimeSpan.FromDays(1));
        CheckRange(errors, "Mount:LagTimeout", mount.LagTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        CheckRange(errors, "Mount:ProbeTimeout", mount.ProbeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        CheckRange(errors, "Mount:ProbeInterval", mount.ProbeInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        CheckRange(errors, "Retention:GracePeriod", retention.GracePeriod, TimeSpan.Zero, TimeSpan.FromDays(3650));
        if (retention.Keep is < 1 or > 1000)
        {
            errors.Add($"{path.Key("Retention:Keep")} is {retention.Keep}; allowed is a number from 1 to 1000.");
        }

        if (options.Verification is { } level && !Enum.IsDefined(level))
        {
            errors.Add($"{path.Key("Verification")} is {level}; allowed are {string.Join(", ", Enum.GetNames<VerificationLevel>())}.");
        }

        if (!Enum.IsDefined(options.FailureBehavior))
        {
            errors.Add(
                $"{path.Key("FailureBehavior")} is {options.FailureBehavior}; allowed are {string.Join(", ", Enum.GetNames<ModelCacheFailureBehavior>())}.");
        }

        if (string.IsNullOrWhiteSpace(options.MountPath))
        {
            errors.Add($"{path.Key("MountPath")} is empty; allowed is a folder such as /models.");
        }

        if (options.Prefix is { Length: > 0 } prefix && ObjectName.FindProblem(prefix.TrimEnd('/')) is { } problem)
        {
            errors.Add($"{path.Key("Prefix")} is '{prefix}', which {problem}; allowed is a folder such as models/prod.");
        }

        if (options.Models.Count == 0)
        {
            errors.Add(
                $"{path.Key("Models")} is empty; at least one model is wanted, for example {path.Key("Models:0:Name")}=llama3.2-1b and " +
                $"{path.Key("Models:0:Source")}=ollama://llama3.2:1b (as variables: {path.Section.Replace(":", "__", StringComparison.Ordinal)}__Models__0__Name).");
        }

        CheckSources(errors, options.Sources);
        for (var i = 0; i < options.Models.Count; i++)
        {
            CheckModel(errors, $"Models:{i}", options.Models[i]);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void CheckModel(List<string> errors, string at, ModelOptions model)
    {
        if (!ModelName.IsValid(model.Name))
        {
            errors.Add($"{path.Key(at)}:Name is {Show(model.Name)}; allowed are {ModelName.Allowed}.");
        }

        var scheme = ModelSourceUri.SchemeOf(model.Source);
        if (scheme is null || !_schemes.Contains(scheme, StringComparer.Ordinal))
        {
            errors.Add(
                $"{path.Key(at)}:Source is {Show(model.Source)}; allowed is a URI of one of the schemes " +
                $"{string.Join(", ", _schemes.Select(s => s + "://"))}, for example dir:///srv/models/demo.");
        }

        if (model.Kind is not (null or ModelKinds.Ollama or ModelKinds.Sbert))
        {
            errors.Add($"{path.Key(at)}:Kind is {Show(model.Kind)}; allowed are {ModelKinds.Ollama} and {ModelKinds.Sbert}.");
        }
        else if (model.Kind is null && scheme is not null && _schemes.Contains(scheme, StringComparer.Ordinal))
        {
            errors.Add(
                $"{path.Key(at)}:Kind is not set; a source of the scheme {scheme}:// needs one: {ModelKinds.Ollama} or {ModelKinds.Sbert}.");
        }

        CheckPatterns(errors, $"{path.Key(at)}:AllowPatterns", model.AllowPatterns, scheme);
        CheckPatterns(errors, $"{path.Key(at)}:IgnorePatterns", model.IgnorePatterns, scheme);
        foreach (var (key, value) in new[] { ("Version", model.Version), ("Digest", model.Digest) })
        {
            if (value is not null && (string.IsNullOrWhiteSpace(value) || value.Length > 256 || value.Any(char.IsControl)))
            {
                errors.Add($"{path.Key(at)}:{key} is {Show(value)}; allowed is a {key.ToLowerInvariant()} of at most 256 characters, or nothing.");
            }
        }
    }

    private static void CheckPatterns(List<string> errors, string key, IList<string> patterns, string? scheme)
    {
        if (patterns.Count > 0 && scheme is ("dir" or "ollama"))
        {
            errors.Add($"{key} is set, but a source of the scheme {scheme}:// is always taken whole; patterns are for hf:// sources.");
        }

        for (var i = 0; i < patterns.Count; i++)
        {
            if (string.IsNullOrEmpty(patterns[i]) || patterns[i].Length > 256 || patterns[i].Any(char.IsControl))
            {
                errors.Add($"{key}:{i} is {Show(patterns[i])}; allowed is a pattern of 1 to 256 characters such as *.json.");
            }
        }
    }

    private void CheckSources(List<string> errors, SourceOptions sources)
    {
        if (!Uri.TryCreate(sources.HuggingFaceEndpoint ?? "https://huggingface.co", UriKind.Absolute, out var endpoint) ||
            (endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp))
        {
            errors.Add(
                $"{path.Key("Sources:HuggingFaceEndpoint")} is {Show(sources.HuggingFaceEndpoint)}; allowed is an address such as https://huggingface.co " +
                "(it may come from the variable HF_ENDPOINT).");
        }

        // The token itself is a secret and in no message.
        if (sources.HuggingFaceToken is { } token && token.Any(c => c is <= ' ' or > '~'))
        {
            errors.Add($"{path.Key("Sources:HuggingFaceToken")} has characters that no token has (it may come from the variable HF_TOKEN).");
        }

        for (var i = 0; i < sources.AllowedHosts.Count; i++)
        {
            var host = sources.AllowedHosts[i];
            var name = host?.StartsWith("*.", StringComparison.Ordinal) == true ? host[2..] : host;
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
            {
                errors.Add($"{path.Key($"Sources:AllowedHosts:{i}")} is {Show(host)}; allowed is a host name, or *. and a domain.");
            }
        }
    }

    private void CheckRange(List<string> errors, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            errors.Add($"{path.Key(key)} is {value}; allowed is a time span from {least} to {most} (hours:minutes:seconds).");
        }
    }

    private static string Show(string? value) => value is null ? "not set" : $"'{value}'";
}
