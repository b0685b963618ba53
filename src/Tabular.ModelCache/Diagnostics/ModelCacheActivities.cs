using System.Diagnostics;

namespace Tabular.ModelCache.Diagnostics;

/// <summary>The spans of the model cache. That of a start is the root of a trace: the work is shared by all who wait for it.</summary>
internal sealed class ModelCacheActivities : IDisposable
{
    public const string Start = "start model_cache";
    public const string Verify = "verify model";
    public const string Publish = "publish model";
    public const string LevelTag = "tabular.model_cache.verification.level";

    private readonly ActivitySource _source = new(ModelCacheDiagnostics.ActivitySourceName, ModelCacheMetrics.Version);

    public Activity? Begin(string name, string? model = null)
    {
        var activity = _source.CreateActivity(name, ActivityKind.Internal);
        if (model is not null)
        {
            activity?.SetTag(ModelCacheMetrics.ModelTag, model);
        }

        return activity?.Start();
    }

    public static void End(Activity? activity, Exception? error)
    {
        if (error is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            activity?.SetTag(ModelCacheMetrics.ErrorTypeTag, error.GetType().FullName);
        }

        activity?.Stop();
    }

    public void Dispose() => _source.Dispose();
}
