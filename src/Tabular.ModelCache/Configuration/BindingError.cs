using Microsoft.Extensions.Options;

namespace Tabular.ModelCache.Configuration;

/// <summary>A value of the configuration that has not even the type of its setting.</summary>
internal static class BindingError
{
    /// <summary>Turns what the binder threw, which names the path, the value and a type, into a mistake of the settings with what is allowed.</summary>
    public static OptionsValidationException Translate(InvalidOperationException error) =>
        new(Options.DefaultName, typeof(ModelCacheOptions), [$"{error.Message.TrimEnd('.')}{Allowed(error.Message)}."]);

    private static string Allowed(string message)
    {
        bool IsFor<T>() => message.Contains($"'{typeof(T).FullName}'", StringComparison.Ordinal);
        return
            IsFor<TimeSpan>() ? "; allowed is a time span such as 00:03:45 (hours:minutes:seconds)" :
            IsFor<bool>() ? "; allowed are true and false" :
            IsFor<int>() ? "; allowed is a whole number" :
            IsFor<VerificationLevel>() ? "; allowed are " + string.Join(", ", Enum.GetNames<VerificationLevel>()) :
            IsFor<ModelCacheFailureBehavior>() ? "; allowed are " + string.Join(", ", Enum.GetNames<ModelCacheFailureBehavior>()) : "";
    }
}
