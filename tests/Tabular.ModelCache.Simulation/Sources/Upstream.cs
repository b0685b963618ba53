using System.Globalization;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>The registry that all processes pull from. A digest always means the same bytes; what is current changes.</summary>
internal sealed class Upstream
{
    private readonly Random _random;
    private readonly Dictionary<string, List<Revision>> _revisions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _current = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool[]> _promises = new(StringComparer.Ordinal);

    public Upstream(Random random, IEnumerable<string> models)
    {
        _random = random;
        foreach (var model in models)
        {
            var promisesAll = random.Next(2) == 0;
            _promises[model] = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => promisesAll || random.Next(2) == 0)];
            _revisions[model] = [];
            Add(model, [.. _promises[model].Select(_ => 0)]);
        }
    }

    public Revision Current(string model) => _revisions[model][_current[model]];

    public Revision? Find(string model, string digest) => _revisions[model].FirstOrDefault(r => r.Digest == digest);

    public Revision? FindByVersion(string model, string version) =>
        _revisions[model].FirstOrDefault(r => version.EndsWith("-" + r.ChecksumsDigest[..12], StringComparison.Ordinal));

    /// <summary>Something new appears upstream, or what was there before comes back.</summary>
    public void Change(string model)
    {
        var revisions = _revisions[model];
        if (revisions.Count > 1 && _random.Next(5) == 0)
        {
            _current[model] = _random.Next(revisions.Count);
            return;
        }

        var number = revisions.Count;
        var before = revisions[_current[model]].Files;
        var changed = _random.Next(before.Count);
        Add(model, [.. before.Select((f, i) => i == changed || _random.Next(2) == 0 ? number : f.Content[0])]);
    }

    private void Add(string model, int[] fileNumbers)
    {
        var number = _revisions[model].Count;
        var files = fileNumbers.Select((n, i) => CreateFile(model, i, n)).ToList();
        _revisions[model].Add(new Revision(model, string.Create(CultureInfo.InvariantCulture, $"{model}@{number}"), files));
        _current[model] = number;
    }

    private RevisionFile CreateFile(string model, int index, int number)
    {
        // The first byte is the number, so that a file that did not change can be told by it.
        var content = new byte[40 + (index * 700) + model.Length];
        new Random((number * 1000) + (index * 10) + model.Length).NextBytes(content);
        content[0] = (byte)number;
        return new RevisionFile($"files/{index}.bin", content, Sha256Hex.Of(content), _promises[model][index]);
    }
}
