using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Operations;

/// <summary>Holds the answer to the first upload into a model's staging until it is let go, so that its process stays at work, with its lease.</summary>
internal sealed class HeldUpload : IDisposable
{
    private readonly CloudBucket _bucket;
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _prefix;

    public HeldUpload(CloudBucket bucket, string model = OperatedBucket.Model)
    {
        _bucket = bucket;
        _prefix = $".tmp/{model}/";
        bucket.OnMutation = HoldAsync;
    }

    /// <summary>Waits until an upload is held.</summary>
    public Task WaitAsync() => _arrived.Task.WaitAsync(Poll.Deadline, TestContext.Current.CancellationToken);

    public void Release() => _released.TrySetResult();

    public void Dispose()
    {
        _bucket.OnMutation = _ => Task.CompletedTask;
        Release();
    }

    private Task HoldAsync(CloudStorageRequest request)
    {
        if (request.ObjectName?.StartsWith(_prefix, StringComparison.Ordinal) != true)
        {
            return Task.CompletedTask;
        }

        _arrived.TrySetResult();
        return _released.Task;
    }
}
