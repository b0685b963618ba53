namespace Tabular.StatusPage;

/// <summary>The last warnings and errors that this app and the model cache have logged: a log provider of bounded memory.</summary>
internal sealed class RecentProblems(TimeProvider time) : ILoggerProvider
{
    public const int Capacity = 8;

    /// <summary>In characters.</summary>
    public const int MaxText = 500;

    private const string OwnCategories = nameof(Tabular);

    private readonly Lock _gate = new();
    private readonly Queue<Problem> _problems = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Problem> List()
    {
        lock (_gate)
        {
            return [.. _problems.Reverse()];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Collector(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string category, string text)
    {
        var problem = new Problem(time.GetUtcNow(), level, category[(category.LastIndexOf('.') + 1)..], text.Length > MaxText ? $"{text[..MaxText]}…" : text);
        lock (_gate)
        {
            while (_problems.Count >= Capacity)
            {
                _problems.Dequeue();
            }

            _problems.Enqueue(problem);
        }
    }

    private sealed class Collector(RecentProblems problems, string category) : ILogger
    {
        private readonly bool _isOwn = category == OwnCategories || category.StartsWith(OwnCategories + ".", StringComparison.Ordinal);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => _isOwn && logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                problems.Add(logLevel, category, formatter(state, exception));
            }
        }
    }
}
