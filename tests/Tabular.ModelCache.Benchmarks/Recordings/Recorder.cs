using System.Diagnostics;
using System.Runtime;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Recordings;

/// <summary>Runs inside of a measured program, and writes at its end what its parts cost. It is no part of the runs whose time counts.</summary>
internal sealed class Recorder
{
    /// <summary>The variable that names the file.</summary>
    public const string PathVariable = "MODEL_CACHE_BENCHMARKS_RECORD";

    private static readonly RecordedCosts Nothing = new(0, 0, 0, 0);

    private readonly List<RecordedSpan> _spans = [];
    private readonly Dictionary<Activity, RecordedCosts> _open = [];
    private readonly Lock _gate = new();

    public static void Start()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is not { Length: > 0 } path)
        {
            return;
        }

        var recorder = new Recorder();
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => source.Name is ModelCacheDiagnostics.ActivitySourceName or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStarted = recorder.Begin,
            ActivityStopped = recorder.End,
        });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => recorder.Write(path);
    }

    private static RecordedCosts Now() => new(
        JitInfo.GetCompilationTime().TotalSeconds,
        JitInfo.GetCompiledMethodCount(),
        GC.GetTotalAllocatedBytes(),
        ProcessStatistics.FindPeakBytes(Environment.ProcessId) ?? 0);

    /// <summary>Of requests only the time: there can be tens of thousands, and to look at the costs is slower than many of them.</summary>
    private static bool HasCosts(Activity activity) => activity.Source.Name == ModelCacheDiagnostics.ActivitySourceName;

    private void Begin(Activity activity)
    {
        if (HasCosts(activity))
        {
            lock (_gate)
            {
                _open[activity] = Now();
            }
        }
    }

    private void End(Activity activity)
    {
        lock (_gate)
        {
            var costs = _open.Remove(activity, out var before) ? Now().Since(before) : Nothing;
            _spans.Add(new RecordedSpan(activity.OperationName, activity.Duration.TotalSeconds, costs));
        }
    }

    private void Write(string path)
    {
        lock (_gate)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(new Recording(Now(), _spans)));
        }
    }
}
