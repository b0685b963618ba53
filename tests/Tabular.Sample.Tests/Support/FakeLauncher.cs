using Tabular.Children;

namespace Tabular.Sample.Tests.Support;

/// <summary>Starts fakes, or refuses.</summary>
internal sealed class FakeLauncher : IChildLauncher
{
    public List<FakeChild> Started { get; } = [];

    public bool IsStubborn { get; set; }

    public string? Refusal { get; set; }

    public FakeChild Last => Started[^1];

    public IChildProcess Start(ChildOptions child, IReadOnlyDictionary<string, string> model)
    {
        if (Refusal is { } refusal)
        {
            throw new ChildStartException(refusal, new InvalidOperationException());
        }

        Started.Add(new FakeChild(Started.Count + 1, model, IsStubborn));
        return Last;
    }
}
